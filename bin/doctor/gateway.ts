import { availableParallelism } from 'node:os';
import type { Clock } from '../../shared/clock.ts';
import type { EnvironmentMap } from '../../shared/env.ts';
import { readConfiguration } from '../../gateway/config/read.ts';
import { shareOf } from '../../gateway/start/share.ts';
import { ok, warning } from './finding.ts';
import type { Finding } from './finding.ts';
import { folderFinding } from './folder.ts';
import { machineFindings } from './machine.ts';
import { portFinding } from './port.ts';
import { backendFindings, upstreamFinding } from './reach.ts';

/** Longest wait for an answer over the network, ms. */
const TIMEOUT = 3_000;

/** All that a gateway with this environment needs. Throws a ConfigurationError when it cannot be read. */
export async function gatewayFindings(env: EnvironmentMap, clock: Clock): Promise<Finding[]> {
  const { settings, services, file, notices } = readConfiguration(env);
  const [first] = services;
  const count = services.length === 1 ? '1 service' : `${services.length} services`;
  return [
    ok('settings', `${count} from ${file ?? 'the environment'}`),
    ...notices.map((notice) => warning('settings', notice, 'correct it, or leave it as it is')),
    ...workersFindings(settings.workers, availableParallelism()),
    ...(await machineFindings(shareOf(settings.server.maxConnections, settings.workers))),
    await folderFinding('journal', settings.journal.folder, settings.journal.maxBytes),
    await portFinding('port', settings.host, settings.port),
    await portFinding('admin port', settings.adminHost, settings.adminPort),
    ...(first === undefined ? [] : await backendFindings(settings.backend.url, first, TIMEOUT, () => clock.now())),
    ...(await Promise.all(services.map(({ id, upstream }) => upstreamFinding(id, upstream.url, TIMEOUT)))),
  ];
}

/** More workers than processors only take turns. */
export function workersFindings(workers: number, processors: number): Finding[] {
  if (workers === 1) return [];
  if (workers <= processors) return [ok('workers', `${workers} on ${processors} processors`)];
  return [
    warning(
      'workers',
      `${workers} on ${processors} processors`,
      `WORKERS=${processors} is as fast and takes less memory`,
    ),
  ];
}
