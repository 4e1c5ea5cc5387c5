/**
 * Which store the backends speak for (protocol R8). Another identity means that acknowledged writes may be lost. An
 * answer to a question that was put before the present identity was heard says nothing when it carries another: it is
 * late. One that was put later does, even if that identity was heard before: a backend may learn of a change later than
 * others, and until it does both are believed in turn, which costs declarations and never a unit.
 */
export class StoreIdentity {
  #current: string | null = null;
  #heardAt = -Infinity;

  get current(): string | null {
    return this.#current;
  }

  /** `sentAt`, `answeredAt`: monotonic times of the call whose answer carries `identity`. */
  hear(identity: string, sentAt: number, answeredAt: number): 'same' | 'first' | 'changed' | 'old' {
    if (identity === this.#current) return 'same';
    const verdict = this.#current === null ? 'first' : 'changed';
    if (verdict === 'changed' && sentAt < this.#heardAt) return 'old';
    this.#current = identity;
    this.#heardAt = answeredAt;
    return verdict;
  }
}
