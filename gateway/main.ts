import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../shared/clock.ts';
import type { EnvironmentMap } from '../shared/env.ts';
import { loadFrugally } from '../shared/frugal-loading.ts';
import { createLogger } from '../shared/log.ts';
import { runFromFile, stopOnSignals } from '../shared/process-edge.ts';
import { readSource } from './config/read.ts';
import type { RunningGateway } from './gateway.ts';

/** Starts `tallygate gateway`. Throws a ConfigurationError that lists every bad setting. */
export async function runGateway(env: EnvironmentMap): Promise<RunningGateway> {
  const { configuration, text } = readSource(env);
  const log = createLogger('gateway', configuration.settings.logLevel);
  for (const notice of configuration.notices) log.warn(notice);
  const deps = { env, clock: systemClock, log };
  // Loaded here, so that a gateway of one process has nothing of several, and a primary nothing of the engine.
  if (configuration.settings.workers === 1) {
    const { startGateway } = await loadFrugally(() => import('./gateway.ts'));
    return startGateway(configuration, deps);
  }
  return (await import('./workers/primary.ts')).startWorkers(configuration, text, deps);
}

/** SIGTERM and SIGINT stop it in good order, SIGHUP reads its configuration file again. */
export function stopOnSignal(running: RunningGateway): void {
  stopOnSignals(running, () => void running.reload());
}

/** `node dist/gateway/main.js`: the process without the command line around it. */
if (argv[1] === fileURLToPath(import.meta.url)) {
  await runFromFile(async () => stopOnSignal(await runGateway(process.env)));
}
