import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { runFromFile, stopOnSignals } from '../shared/process-edge.ts';
import type { EnvironmentMap } from '../shared/env.ts';
import { startBackend } from './backend.ts';
import { readBackendConfig, readWorkerConfig } from './config.ts';
import type { Running } from './start/process.ts';
import { startWorker } from './worker.ts';

/** Starts `tallygate backend`. Throws a ConfigurationError that lists every bad setting. */
export async function runBackend(env: EnvironmentMap): Promise<Running> {
  return startBackend(readBackendConfig(env));
}

/** Starts `tallygate worker`. Throws a ConfigurationError that lists every bad setting. */
export async function runWorker(env: EnvironmentMap): Promise<Running> {
  return startWorker(readWorkerConfig(env));
}

/** SIGTERM and SIGINT stop it in good order. */
export function stopOnSignal(running: Running): void {
  stopOnSignals(running, null);
}

/** `node dist/backend/main.js [worker]`: the process without the command line around it. */
if (argv[1] === fileURLToPath(import.meta.url)) {
  await runFromFile(async () => stopOnSignal(await (argv[2] === 'worker' ? runWorker : runBackend)(process.env)));
}
