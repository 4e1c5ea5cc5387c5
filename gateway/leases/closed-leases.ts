/** A lease of which nothing is left to say but its last message. */
export interface ClosedLease {
  /** Monotonic time at which its last message was acknowledged. */
  closedAt: number;
}

/**
 * Leases whose last message is on its way, or was acknowledged so lately that the store may forget it: kept until a
 * message sent a horizon after the acknowledgement was answered by the same store (protocol R14).
 */
export class ClosedLeases<L extends ClosedLease> {
  readonly #horizon: number;
  readonly #dropped: (lease: L) => void;
  readonly #unacknowledged = new Set<L>();
  /** In the order of their acknowledgement. */
  readonly #acknowledged = new Set<L>();

  /** `horizon` in ms; `dropped` is called when a lease needs no memory any more. */
  constructor(horizon: number, dropped: (lease: L) => void) {
    this.#horizon = horizon;
    this.#dropped = dropped;
  }

  get unacknowledged(): number {
    return this.#unacknowledged.size;
  }

  get size(): number {
    return this.#unacknowledged.size + this.#acknowledged.size;
  }

  add(lease: L): void {
    this.#unacknowledged.add(lease);
  }

  acknowledge(lease: L, now: number): void {
    lease.closedAt = now;
    this.#unacknowledged.delete(lease);
    this.#acknowledged.add(lease);
  }

  /** The store changed: all of them are to be said again. */
  reopen(): readonly L[] {
    for (const lease of this.#acknowledged) this.#unacknowledged.add(lease);
    this.#acknowledged.clear();
    return [...this.#unacknowledged];
  }

  /** Drops what is safe; `answeredSentAt`: when the newest message was sent that the present store answered. */
  drop(answeredSentAt: number): void {
    for (const lease of this.#acknowledged) {
      if (lease.closedAt + this.#horizon > answeredSentAt) return;
      this.#acknowledged.delete(lease);
      this.#dropped(lease);
    }
  }
}
