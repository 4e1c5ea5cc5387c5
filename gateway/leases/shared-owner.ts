import type { Journal, OwnerHandle, UsageOwner } from '../journal/contract.ts';

/** An owner in the journal's tables: it leaves them when it was retired and nothing needs it any more. */
export class SharedOwner {
  readonly handle: OwnerHandle;
  readonly #journal: Journal;
  #uses = 0;
  #retired = false;

  constructor(journal: Journal, owner: UsageOwner) {
    this.#journal = journal;
    this.handle = journal.owner(owner);
  }

  /** A request or lease needs it until it calls `leave`. */
  enter(): void {
    this.#uses += 1;
  }

  leave(): void {
    this.#uses -= 1;
    this.#release();
  }

  /** Nobody new will need it. Once only. */
  retire(): void {
    this.#retired = true;
    this.#release();
  }

  #release(): void {
    if (this.#retired && this.#uses === 0) this.#journal.releaseOwner(this.handle);
  }
}
