/** Whether a body comes fast enough: never idle for a whole time-out, and at a least rate over each time-out. */
export class BodyPace {
  readonly #timeout: number;
  readonly #least: number;
  #windowEnd = 0;
  #bytes = 0;
  #last = 0;

  /** `timeout` in ms; `rate` in bytes per second. */
  constructor(timeout: number, rate: number, now: number) {
    this.#timeout = timeout;
    this.#least = (rate * timeout) / 1_000;
    this.restart(now);
  }

  /** When to ask `isLate` next. */
  get deadline(): number {
    return Math.min(this.#windowEnd, this.#last + this.#timeout);
  }

  received(bytes: number, now: number): void {
    this.#bytes += bytes;
    this.#last = now;
  }

  /** Reading was stopped for another reason than the client: its time begins anew. */
  restart(now: number): void {
    this.#windowEnd = now + this.#timeout;
    this.#bytes = 0;
    this.#last = now;
  }

  isLate(now: number): boolean {
    if (this.#last + this.#timeout <= now) return true;
    if (this.#windowEnd > now) return false;
    if (this.#bytes < this.#least) return true;
    this.#windowEnd = now + this.#timeout;
    this.#bytes = 0;
    return false;
  }
}
