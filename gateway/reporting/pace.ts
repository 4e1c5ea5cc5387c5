const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 15_000;

/**
 * How hard a backend is tried. After a failure nothing is sent for a while, then one delivery as a probe; only its
 * success opens the gates again, so that a backend that returns is not met by everything at once.
 */
export class Pace {
  readonly #random: () => number;
  #failures = 0;
  #pausedUntil = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Deliveries that may be under way at `now` (monotonic ms), at most `limit`. */
  allowed(now: number, limit: number): number {
    if (this.#failures === 0) return limit;
    return now >= this.#pausedUntil ? 1 : 0;
  }

  /** Monotonic ms at which the next try is due; 0: at once. */
  get resumesAt(): number {
    return this.#failures === 0 ? 0 : this.#pausedUntil;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  /** `wish`: what the backend asked for, ms. */
  failed(now: number, wish: number): void {
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(this.#failures, 10));
    this.#failures += 1;
    this.#pausedUntil = now + Math.max(wish, pause * (0.5 + this.#random()));
  }
}
