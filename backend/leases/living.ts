import type { Clock } from '../../shared/clock.ts';
import type { Leases } from '../store/store.ts';

/** A gateway that was not heard for this many lease times does not count among those that share what is left. */
export const LEASE_TIMES = 4;

/** The living epochs, read from the store at most four times per lease time. */
export class Living {
  readonly #leases: Leases;
  readonly #clock: Clock;
  readonly #leaseTime: number;
  #epochs: Promise<readonly string[]> | null = null;
  #readAt = -Infinity;

  constructor(leases: Leases, clock: Clock, leaseTime: number) {
    this.#leases = leases;
    this.#clock = clock;
    this.#leaseTime = leaseTime;
  }

  /** Throws StoreUnavailable. */
  epochs(): Promise<readonly string[]> {
    const now = this.#clock.monotonic();
    if (this.#epochs === null || now - this.#readAt >= this.#leaseTime / 4) {
      this.#readAt = now;
      const epochs = this.#leases.living(this.#clock.now(), LEASE_TIMES * this.#leaseTime);
      this.#epochs = epochs;
      epochs.catch(() => {
        if (this.#epochs === epochs) this.#epochs = null;
      });
    }
    return this.#epochs;
  }
}
