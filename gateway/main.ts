import { argv, stderr } from 'node:process';
import { fileURLToPath } from 'node:url';
import closeWithGrace from 'close-with-grace';
import { systemClock } from '../shared/clock.ts';
import { ConfigurationError } from '../shared/env.ts';
import type { EnvironmentMap } from '../shared/env.ts';
import { createLogger } from '../shared/log.ts';
import { readConfiguration } from './config/read.ts';
import { startGateway } from './gateway.ts';
import type { RunningGateway } from './gateway.ts';

/** Starts `tallygate gateway`. Throws a ConfigurationError that lists every bad setting. */
export async function runGateway(env: EnvironmentMap): Promise<RunningGateway> {
  const configuration = readConfiguration(env);
  const log = createLogger('gateway', configuration.settings.logLevel);
  for (const notice of configuration.notices) log.warn(notice);
  return startGateway(configuration, { env, clock: systemClock, log });
}

/**
 * Ties a started gateway to its signals: SIGTERM and SIGINT stop it in good order and it exits 0, or 1 when that takes
 * longer than SHUTDOWN_SECONDS; SIGHUP reloads. A rejected promise that nobody waits for is logged, and it goes on.
 */
export function stopOnSignal(running: RunningGateway): void {
  const { log } = running;
  process.on('SIGHUP', () => void running.reload());
  process.on('unhandledRejection', (reason) => log.error({ err: reason }, 'a rejected promise was not handled'));
  closeWithGrace(
    {
      delay: running.shutdownMs,
      skip: ['SIGHUP', 'unhandledRejection', 'beforeExit'],
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

/** `node dist/gateway/main.js`: the process without the command line around it. */
async function main(): Promise<void> {
  try {
    stopOnSignal(await runGateway(process.env));
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    stderr.write(`${error.problems.join('\n')}\n`);
    process.exitCode = 1;
  }
}

if (argv[1] === fileURLToPath(import.meta.url)) await main();
