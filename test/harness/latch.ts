import { systemClock } from '../../shared/clock.ts';

/** Longest wait for a point that a test has to reach, ms. */
const DEFAULT_TIMEOUT = 10_000;

/** A point that one part of a test waits for and another reaches: ordering without sleeping. */
export class Latch {
  /** How often `open` was called. */
  count = 0;
  #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  readonly open = (): void => {
    this.count += 1;
    const reached = this.#waiting.filter((waiter) => waiter.count <= this.count);
    this.#waiting = this.#waiting.filter((waiter) => waiter.count > this.count);
    for (const waiter of reached) waiter.resolve();
  };

  /** Waits until `open` was called `count` times in all; throws after `timeout` ms. */
  wait(count = 1, timeout: number = DEFAULT_TIMEOUT): Promise<void> {
    if (this.count >= count) return Promise.resolve();
    const opened = new Promise<void>((resolve) => this.#waiting.push({ count, resolve }));
    return within(opened, timeout, () => `latch opened ${this.count} of ${count} times`);
  }
}

/** The promise's value; throws with `what` when it does not come within `timeout` ms. */
export function within<T>(promise: Promise<T>, timeout: number, what: () => string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = systemClock.after(timeout, () => reject(new Error(`${what()}, waited ${timeout} ms`)));
    promise.then(resolve, reject).finally(() => timer.cancel());
  });
}

/** Asks `condition` every few ms until it holds: only for what another process does and cannot tell us. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  timeout: number = DEFAULT_TIMEOUT,
): Promise<void> {
  const deadline = systemClock.monotonic() + timeout;
  while (!(await condition())) {
    if (systemClock.monotonic() > deadline) throw new Error(`not reached within ${timeout} ms: ${what}`);
    await new Promise<void>((resolve) => void systemClock.after(5, resolve));
  }
}
