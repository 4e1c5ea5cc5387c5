import { systemClock } from '../../shared/clock.ts';
import { ConfigurationError } from '../../shared/env.ts';
import { starters } from './starters.ts';

/** What a part tells the demo that started it. */
export type PartMessage =
  | { readonly kind: 'started'; readonly ports: Readonly<Record<string, number>> }
  | { readonly kind: 'failed'; readonly reason: string; readonly code: string; readonly port: number };

/** Longest time from the order to stop (also while it starts) to the end, ms. */
const STOP_TIMEOUT = 4_000;

/** One part of the demo in a process of its own. It stops when it is told to, and when the demo is gone. */
async function main(name: string): Promise<void> {
  const told = new Promise<void>((resolve) => {
    process.once('message', () => resolve());
    process.once('disconnect', () => resolve());
  }).then(() => systemClock.after(STOP_TIMEOUT, () => process.exit(1)));
  const start = starters[name];
  if (start === undefined) throw new Error(`unknown part: ${name}`);
  const running = await start(process.env);
  tell({ kind: 'started', ports: running.ports }, () => {});
  await told;
  await running.stop();
  process.exit(0);
}

function tell(message: PartMessage, sent: () => void): void {
  process.send?.(message, undefined, undefined, sent);
}

function failure(error: unknown): PartMessage {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const port = error instanceof Error && 'port' in error ? Number(error.port) : 0;
  const plain = error instanceof ConfigurationError || code === 'EADDRINUSE';
  const text = error instanceof Error ? (plain ? error.message : (error.stack ?? error.message)) : String(error);
  return { kind: 'failed', reason: text, code, port };
}

main(process.argv[2] ?? '').catch((error: unknown) => {
  // What it had opened before it failed must not keep it alive.
  tell(failure(error), () => process.exit(1));
});
