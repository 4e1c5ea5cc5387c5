/** A worker that served for so long had no fault of its start, ms. */
const STEADY = 60_000;
/** Ends in a row, each before that time, after which it is not started again. */
const MOST = 8;
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;

/** When a worker that ended is started again: at once, then after 0.1 s, twice as long each time up to 5 s. */
export class Restarts {
  #inARow = 0;

  /** It ended after it had served for `servedMs` (0: it never did). ms until its successor is started; null: no more. */
  ended(servedMs: number): number | null {
    this.#inARow = servedMs >= STEADY ? 1 : this.#inARow + 1;
    if (this.#inARow >= MOST) return null;
    return this.#inARow === 1 ? 0 : Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (this.#inARow - 2));
  }
}
