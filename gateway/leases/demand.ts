/** Below this many units a second nothing is held in advance. */
const NEGLIGIBLE = 0.2;

/** Units within one interval that tell a caller who begins in earnest from one who asks now and then. */
const A_FEW = 4;
/** What was asked in the first moments is taken to be of this many milliseconds at least. */
const SHORTEST_MS = 100;

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

  /** Units per second while no average is known yet, from what was asked so far; 0 for a few. */
  beginning(now: number): number {
    if (this.rate > 0 || this.#asked <= A_FEW) return 0;
    return (this.#asked * 1000) / Math.max(SHORTEST_MS, now - this.#since);
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
