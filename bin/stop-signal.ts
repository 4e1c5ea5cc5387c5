import type { Clock } from '../shared/clock.ts';

/** How often to look whether our parent is still there, ms. */
const PARENT_INTERVAL = 500;

/** Resolves, once, with the reason when this process is told to stop: SIGINT, SIGTERM, and with `parent` the end of the process that started it. */
export function stopSignal(clock: Clock, { parent }: { readonly parent: boolean }): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve(signal));
    if (!parent) return;
    const started = process.ppid;
    const watch = clock.every(PARENT_INTERVAL, () => {
      if (process.ppid === started) return;
      watch.cancel();
      resolve('the process that started it is gone');
    });
  });
}
