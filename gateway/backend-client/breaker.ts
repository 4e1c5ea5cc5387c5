/** Failures in a row that open the breaker. */
const THRESHOLD = 3;
/** First and longest time that it stays open, ms. */
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 5_000;

/**
 * Circuit breaker: after three failures in a row nothing is tried for a while; then one call is let through as a probe,
 * which closes it, or opens it for twice as long. Pauses are spread by ±50 % so that gateways do not return together.
 */
export class Breaker {
  readonly #random: () => number;
  #failures = 0;
  #opened = 0;
  /** Monotonic ms until which nothing is tried; 0 while closed. */
  #openUntil = 0;
  #probing = false;

  /** `random` gives numbers in [0, 1). */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** May a call be made now (monotonic ms)? If it is true the outcome must be told by `succeeded` or `failed`. */
  admits(now: number): boolean {
    if (this.#openUntil === 0) return true;
    if (this.#probing || now < this.#openUntil) return false;
    this.#probing = true;
    return true;
  }

  /** Would a call be refused without being tried? Changes nothing. */
  isOpen(now: number): boolean {
    return this.#openUntil !== 0 && (this.#probing || now < this.#openUntil);
  }

  /** Milliseconds until the next probe; 0 while closed. */
  pause(now: number): number {
    return Math.max(0, this.#openUntil - now);
  }

  /** True when this closed an open breaker. */
  succeeded(): boolean {
    const closed = this.#openUntil !== 0;
    this.#failures = 0;
    this.#opened = 0;
    this.#openUntil = 0;
    this.#probing = false;
    return closed;
  }

  /** True when this opened a closed breaker. */
  failed(now: number): boolean {
    const wasClosed = this.#openUntil === 0;
    this.#failures += 1;
    if (wasClosed && this.#failures < THRESHOLD) return false;
    // Late failures of calls that were sent before it opened are no probes.
    if (!wasClosed && !this.#probing) return false;
    this.#probing = false;
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.#opened);
    this.#opened = Math.min(this.#opened + 1, 16);
    this.#openUntil = now + pause * (0.5 + this.#random());
    return wasClosed;
  }
}
