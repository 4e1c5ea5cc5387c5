import { openStore } from '../../backend/start/open-store.ts';
import { readBackendConfig, readWorkerConfig } from '../../backend/config.ts';
import type { StoreConfig } from '../../backend/config.ts';
import type { Clock } from '../../shared/clock.ts';
import type { EnvironmentMap } from '../../shared/env.ts';
import { createLogger } from '../../shared/log.ts';
import { ok, problem, reasonOf, warning } from './finding.ts';
import type { Finding } from './finding.ts';
import { folderFinding } from './folder.ts';
import { machineFindings } from './machine.ts';
import { portFinding } from './port.ts';

/** Connections that a backend has without being large: gateways, their threads, operators. */
const CONNECTIONS = 1_000;
/** What an embedded store may grow to before anybody looks, bytes. */
const STORE_ROOM = 1_073_741_824;

/** All that a backend with this environment needs. Throws a ConfigurationError when it cannot be read. */
export async function backendFindings(env: EnvironmentMap, clock: Clock): Promise<Finding[]> {
  const config = readBackendConfig(env);
  return [
    ok('settings', config.store.kind === 'redis' ? 'count in Redis' : 'count in the embedded store'),
    ...(await machineFindings(CONNECTIONS)),
    await portFinding('port', config.host, config.port),
    ...(await storeFindings(config.store, clock)),
  ];
}

export async function workerFindings(env: EnvironmentMap, clock: Clock): Promise<Finding[]> {
  const config = readWorkerConfig(env);
  return [
    ...(await machineFindings(CONNECTIONS)),
    await portFinding('admin port', config.adminHost, config.adminPort),
    ...(await storeFindings(config.store, clock)),
  ];
}

async function storeFindings(config: StoreConfig, clock: Clock): Promise<Finding[]> {
  if (config.kind === 'embedded') return [await folderFinding('store', config.folder, STORE_ROOM)];
  try {
    const store = await openStore(config, { clock, log: createLogger('doctor', 'silent') });
    try {
      const health = await store.health();
      if (!health.ready) return [problem('store', health.problem, '')];
      return [
        ok('store', 'Redis answers and is set up for counting'),
        limitsFinding(health.limits, health.limitsReason),
        ...(health.grantsHeld === '' ? [] : [problem('grants', health.grantsHeld, '')]),
      ];
    } finally {
      await store.close();
    }
  } catch (error) {
    return [problem('store', `Redis cannot be used (${reasonOf(error)})`, 'start it, or correct REDIS_URL')];
  }
}

function limitsFinding(limits: 'exact' | 'bounded', reason: string): Finding {
  if (limits === 'exact') return ok('limits', `exact, also when Redis fails over: ${reason}`);
  return warning(
    'limits',
    `exact until Redis loses writes: ${reason}`,
    'use appendfsync always, or REDIS_WAIT_REPLICAS',
  );
}
