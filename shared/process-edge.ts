import { stderr } from 'node:process';
import closeWithGrace from 'close-with-grace';
import { ConfigurationError } from './env.ts';
import type { Logger } from './log.ts';

/** A started process of ours, as far as its signals are concerned. */
export interface Stoppable {
  readonly log: Logger;
  /** Longest time that `stop` may take, ms. */
  readonly shutdownMs: number;
  /** Resolves when it cannot go on. Absent: that does not happen. */
  readonly broken?: Promise<Error>;
  stop(): Promise<void>;
}

/**
 * Ties a started process to its signals: SIGTERM and SIGINT stop it in good order and it exits 0, or 1 when that takes
 * longer than its deadline; an uncaught exception, or `broken`, is logged and does the same with exit 1. `onHangup`: what SIGHUP
 * does; null: what it does to any process. A rejected promise that nobody waits for is logged, and the process goes on.
 */
export function stopOnSignals(running: Stoppable, onHangup: (() => void) | null): void {
  const { log } = running;
  if (onHangup !== null) process.on('SIGHUP', onHangup);
  process.on('unhandledRejection', (reason) => log.error({ err: reason }, 'a rejected promise was not handled'));
  void running.broken?.then(async (error) => {
    log.fatal({ err: error }, 'cannot go on');
    await running.stop();
    process.exit(1);
  });
  closeWithGrace(
    {
      delay: running.shutdownMs,
      skip: onHangup === null ? ['unhandledRejection', 'beforeExit'] : ['SIGHUP', 'unhandledRejection', 'beforeExit'],
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

/** Runs a process without the command line around it: bad settings are listed on stderr, with exit code 1. */
export async function runFromFile(start: () => Promise<void>): Promise<void> {
  try {
    await start();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    stderr.write(`${error.problems.join('\n')}\n`);
    process.exitCode = 1;
  }
}
