import type { Journal } from '../journal/contract.ts';
import type { Lease } from './lease.ts';

/**
 * Leases whose last message is on its way, or was acknowledged so lately that the store may forget it: kept until a
 * message sent a horizon after the acknowledgement was answered by the same store (protocol R14).
 */
export class ClosedLeases {
  readonly #journal: Journal;
  readonly #horizon: number;
  readonly #unacknowledged = new Set<Lease>();
  /** In the order of their acknowledgement. */
  readonly #acknowledged = new Set<Lease>();

  constructor(journal: Journal, horizon: number) {
    this.#journal = journal;
    this.#horizon = horizon;
  }

  get unacknowledged(): number {
    return this.#unacknowledged.size;
  }

  add(lease: Lease): void {
    this.#unacknowledged.add(lease);
  }

  acknowledge(lease: Lease, now: number): void {
    lease.closedAt = now;
    this.#unacknowledged.delete(lease);
    this.#acknowledged.add(lease);
  }

  /** The store changed: all of them are to be said again. */
  reopen(): readonly Lease[] {
    const all = [...this.#unacknowledged, ...this.#acknowledged];
    for (const lease of this.#acknowledged) this.#unacknowledged.add(lease);
    this.#acknowledged.clear();
    return all;
  }

  /** Drops what is safe; `answeredSentAt`: when the newest message was sent that the present store answered. */
  drop(answeredSentAt: number): void {
    for (const lease of this.#acknowledged) {
      if (lease.closedAt + this.#horizon > answeredSentAt) return;
      this.#acknowledged.delete(lease);
      this.#journal.closeLease(lease.number);
    }
  }

  /** The application is gone, and its counters with it: nothing is left to say. */
  forget(lease: Lease): void {
    this.#unacknowledged.delete(lease);
    this.#journal.closeLease(lease.number);
  }
}
