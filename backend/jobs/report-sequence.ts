import { randomBytes } from 'node:crypto';

/** Open sequences that an epoch may have (protocol R12); then a new epoch is taken. */
export const MAX_OPEN = 1_024;

export interface ReportIdentity {
  readonly epoch: string;
  readonly sequence: number;
  readonly floor: number;
}

/**
 * Hands out the identities of accepted reports. The floor is the lowest sequence not known to be completed, so that no
 * mark is dropped while its report may still be applied again.
 */
export class ReportSequence {
  readonly #newEpoch: () => string;
  #epoch: string;
  #next = 0;
  #floor = 0;
  /** Completed ones above the floor. */
  readonly #completed = new Set<number>();

  /** `newEpoch`: 128 bits in hex; random by default. */
  constructor(newEpoch: () => string = randomEpoch) {
    this.#newEpoch = newEpoch;
    this.#epoch = newEpoch();
  }

  next(): ReportIdentity {
    if (this.#next - this.#floor >= MAX_OPEN) this.#renew();
    const identity = { epoch: this.#epoch, sequence: this.#next, floor: this.#floor };
    this.#next += 1;
    return identity;
  }

  /** The report is applied for good, or was never taken over. Of an earlier epoch it does not matter any more. */
  completed(epoch: string, sequence: number): void {
    if (epoch !== this.#epoch || sequence < this.#floor || sequence >= this.#next) return;
    this.#completed.add(sequence);
    while (this.#completed.delete(this.#floor)) this.#floor += 1;
  }

  /** Sequences not known to be completed. */
  get open(): number {
    return this.#next - this.#floor - this.#completed.size;
  }

  /** What is open stays open under the old epoch: its marks are kept for their 30 days. */
  #renew(): void {
    this.#epoch = this.#newEpoch();
    this.#next = 0;
    this.#floor = 0;
    this.#completed.clear();
  }
}

function randomEpoch(): string {
  return randomBytes(16).toString('hex');
}
