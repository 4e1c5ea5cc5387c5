import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../shared/clock.ts';
import type { EnvironmentMap } from '../shared/env.ts';
import { createLogger } from '../shared/log.ts';
import { runFromFile, stopOnSignals } from '../shared/process-edge.ts';
import { readConfiguration } from './config/read.ts';
import { startGateway } from './gateway.ts';
import type { RunningGateway } from './gateway.ts';

/** Starts `tallygate gateway`. Throws a ConfigurationError that lists every bad setting. */
export async function runGateway(env: EnvironmentMap): Promise<RunningGateway> {
  const configuration = readConfiguration(env);
  const log = createLogger('gateway', configuration.settings.logLevel);
  for (const notice of configuration.notices) log.warn(notice);
  const { workers } = configuration.settings;
  if (workers > 1) log.warn({ code: 'workers_without_effect', workers }, 'WORKERS has no effect yet: one process runs');
  return startGateway(configuration, { env, clock: systemClock, log });
}

/** SIGTERM and SIGINT stop it in good order, SIGHUP reads its configuration file again. */
export function stopOnSignal(running: RunningGateway): void {
  stopOnSignals(running, () => void running.reload());
}

/** `node dist/gateway/main.js`: the process without the command line around it. */
if (argv[1] === fileURLToPath(import.meta.url)) {
  await runFromFile(async () => stopOnSignal(await runGateway(process.env)));
}
