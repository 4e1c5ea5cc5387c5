import { argv, stderr } from 'node:process';
import { fileURLToPath } from 'node:url';
import closeWithGrace from 'close-with-grace';
import { ConfigurationError } from '../shared/env.ts';
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

/**
 * Ties a started process to its signals: SIGTERM and SIGINT stop it in good order and it exits 0, or 1 when that takes
 * longer than its deadline; an uncaught exception is logged and does the same with exit 1. A rejected promise that
 * nobody waits for is logged, and the process goes on.
 */
export function stopOnSignal(running: Running): void {
  const { log } = running;
  process.on('unhandledRejection', (reason) => log.error({ err: reason }, 'a rejected promise was not handled'));
  closeWithGrace(
    {
      delay: running.shutdownMs,
      skip: ['unhandledRejection', 'beforeExit'],
      logger: false,
      onTimeout: (delay) => log.error({ delayMs: delay }, 'not stopped within the deadline; exiting'),
      onSecondSignal: (signal) => log.error({ signal }, 'second signal; exiting at once'),
    },
    async ({ err, signal }) => {
      if (err !== undefined) log.fatal({ err }, 'uncaught exception');
      else log.info({ signal }, 'stopping');
      await running.stop();
    },
  );
}

/** `node dist/backend/main.js [worker]`: the process without the command line around it. */
async function main(): Promise<void> {
  try {
    stopOnSignal(await (argv[2] === 'worker' ? runWorker : runBackend)(process.env));
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    stderr.write(`${error.problems.join('\n')}\n`);
    process.exitCode = 1;
  }
}

if (argv[1] === fileURLToPath(import.meta.url)) await main();
