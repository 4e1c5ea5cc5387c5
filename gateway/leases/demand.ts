/** Below this many units a second nothing is held in advance. */
const NEGLIGIBLE = 0.2;

/** Units a second asked for by the callers of one application and metric, averaged over about one lease time. */
export class Demand {
  /** Units per second. */
  rate = 0;
  #asked = 0;
  #since: number;

  constructor(now: number) {
    this.#since = now;
  }

  add(amount: number): void {
    this.#asked += amount;
  }

  /** Takes what was asked since the last call into the average, once `interval` milliseconds have gone by. */
  update(now: number, interval: number): void {
    const elapsed = now - this.#since;
    if (elapsed < interval) return;
    const rate = (this.#asked * 1000) / elapsed;
    this.rate = this.rate === 0 ? rate : (this.rate + rate) / 2;
    if (this.rate < NEGLIGIBLE) this.rate = 0;
    this.#asked = 0;
    this.#since = now;
  }

  forget(): void {
    this.rate = 0;
  }
}
