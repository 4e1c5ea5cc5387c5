/**
 * The journal as the authorizers see it (protocol R9–R11). Calls only buffer; `commit` writes the tick in one write.
 * A folder per epoch holds segments; a sealed segment is a batch: (epoch, sequence), folded deterministically.
 */

/** Whose usage: an application that our backend resolved, or the credential that a 3scale backend must resolve. */
export interface UsageOwner {
  readonly service: string;
  readonly kind: 'application' | 'user_key' | 'app_id';
  readonly id: string;
}

/** Index of an owner and metric in the journal's tables; valid for the life of this journal. */
export type OwnerHandle = number;
export type MetricHandle = number;

export interface Journal {
  /** Random 128 bits in hex, made at this start of this process: the producer's identity. */
  readonly epoch: string;
  owner(owner: UsageOwner): OwnerHandle;
  metric(name: string): MetricHandle;
  /** Usage of `use` units at `at` (ms, backend's clock); `take` as in protocol R11; `lease` is its number, 0 for none. Amounts may be negative (corrections). */
  use(owner: OwnerHandle, metric: MetricHandle, at: number, use: number, take: number, lease: number): void;
  /** An answer's status, dated at the admission. */
  code(owner: OwnerHandle, at: number, status: number): void;
  /** In the journal before the first message about a lease. */
  openLease(lease: { readonly number: number; readonly owner: OwnerHandle; readonly metric: MetricHandle; readonly rev: number }): void;
  closeLease(number: number): void;
  /** One write of everything buffered. False: nothing of it is in the file (truncated to the last good offset), and the buffer is empty again. */
  commit(): boolean;
  /** Writable and below JOURNAL_MAX_BYTES; when false and JOURNAL_FULL=refuse, requests are answered 503. */
  readonly writable: boolean;
}
