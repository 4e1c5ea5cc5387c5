import type { Clock } from '../../shared/clock.ts';

/** A 3scale backend accepts a report and counts it a moment later, ms. */
const COUNTING_LAG = 1_000;

/** Which of this process's segments the backend has certainly counted. */
export class Reported {
  readonly #clock: Clock;
  /** Delivered, but one before it was not. */
  readonly #ahead = new Set<number>();
  /** All up to here are delivered. */
  #upTo = 0;
  /** Earlier values of `upTo` with their time, oldest first. */
  #history: { readonly at: number; readonly upTo: number }[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  delivered(sequence: number): void {
    this.#ahead.add(sequence);
    while (this.#ahead.delete(this.#upTo + 1)) this.#upTo += 1;
    const at = this.#clock.monotonic();
    this.#history.push({ at, upTo: this.#upTo });
    // Only the newest that is old enough matters, and what is not old enough yet.
    const old = this.#history.findLastIndex((entry) => entry.at <= at - COUNTING_LAG);
    if (old > 0) this.#history.splice(0, old);
  }

  /** Highest sequence that was counted, with all before it, when a question was sent at `sentAt` (monotonic ms). */
  upTo(sentAt: number): number {
    return this.#history.findLast((entry) => entry.at <= sentAt - COUNTING_LAG)?.upTo ?? 0;
  }
}
