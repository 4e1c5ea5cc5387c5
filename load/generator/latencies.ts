/**
 * Latencies in whole microseconds, exact up to 20 ms and in steps of 0.1 ms up to 10 s: no sample is rounded to a
 * coarser unit than the differences that we look for.
 */
export class Latencies {
  #fine = new Uint32Array(20_000);
  #coarse = new Uint32Array(100_000);
  #count = 0;
  #greatest = 0;

  add(microseconds: number): void {
    const value = Math.max(0, Math.round(microseconds));
    if (value < this.#fine.length) this.#fine[value] = (this.#fine[value] ?? 0) + 1;
    else {
      const step = Math.min(Math.floor(value / 100), this.#coarse.length - 1);
      this.#coarse[step] = (this.#coarse[step] ?? 0) + 1;
    }
    this.#count++;
    if (value > this.#greatest) this.#greatest = value;
  }

  get count(): number {
    return this.#count;
  }

  /** The latency that a share (0–1) of the requests did not exceed, in microseconds. */
  quantile(share: number): number {
    let left = Math.ceil(share * this.#count);
    for (const [value, count] of this.#fine.entries()) {
      left -= count;
      if (left <= 0) return value;
    }
    for (const [step, count] of this.#coarse.entries()) {
      left -= count;
      if (left <= 0) return step * 100;
    }
    return this.#greatest;
  }
}
