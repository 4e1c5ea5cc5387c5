/** Identities that were replaced and are remembered, so that a late answer is known as old. */
const MAX_PAST = 64;

/**
 * Which store the backends speak for (protocol R8). A new identity means that acknowledged writes may be lost; an
 * answer under a replaced one says nothing any more. An identity holds random run ids and so never comes back.
 */
export class StoreIdentity {
  #current: string | null = null;
  readonly #past = new Set<string>();

  get current(): string | null {
    return this.#current;
  }

  hear(identity: string): 'same' | 'first' | 'changed' | 'old' {
    if (identity === this.#current) return 'same';
    if (this.#past.has(identity)) return 'old';
    const previous = this.#current;
    this.#current = identity;
    if (previous === null) return 'first';
    this.#past.add(previous);
    if (this.#past.size > MAX_PAST) for (const oldest of this.#past) return this.#forget(oldest);
    return 'changed';
  }

  #forget(identity: string): 'changed' {
    this.#past.delete(identity);
    return 'changed';
  }
}
