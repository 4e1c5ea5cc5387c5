/**
 * The journal as the authorizers see it (protocol R9–R11). Calls only buffer; `commit` writes the tick in one write.
 * A folder per epoch holds segments; a sealed segment is a batch: (epoch, sequence), folded deterministically.
 */

/** Whose usage: an application that our backend resolved, or the credential that a 3scale backend must resolve. */
export interface UsageOwner {
  readonly service: string;
  readonly kind: 'application' | 'user_key' | 'app_id';
  readonly id: string;
  /** False: served although nobody vouched for it (`BACKEND_DOWN=allow`). It is reported apart, so that it can spoil nobody else's report. Absent: true. */
  readonly known?: boolean;
}

/** Index of an owner and metric in the journal's tables; valid until released. */
export type OwnerHandle = number;
export type MetricHandle = number;
/** Usage whose outcome is still open; see `hold`. */
export type HoldNumber = number;

export interface Journal {
  /** Random 128 bits in hex, made at this start of this process: the producer's identity. */
  readonly epoch: string;
  /** Sequence of the segment that the next write goes to. */
  readonly sequence: number;
  /** Each call makes a new handle; keep it with the caller and release it with the caller. */
  owner(owner: UsageOwner): OwnerHandle;
  /** The handle must not be used again. */
  releaseOwner(owner: OwnerHandle): void;
  /** The same name gives the same handle. Names come from the configuration, so their number is bounded. */
  metric(name: string): MetricHandle;
  /** Usage of `use` units at `at` (ms, backend's clock); `take` as in protocol R11; `lease` is its number, 0 for none. Amounts may be negative (corrections). */
  use(owner: OwnerHandle, metric: MetricHandle, at: number, use: number, take: number, lease: number): void;
  /** As `use`, for what is known only after the answer (a settlement): it outlives a failed `commit` and is written by a later one. */
  settle(owner: OwnerHandle, metric: MetricHandle, at: number, use: number, take: number, lease: number): void;
  /**
   * Usage that stands unless `resolve` says otherwise: counted if this process dies first (post-paid and `count: success`
   * towards backends without leases, calls that are reported one by one).
   */
  hold(owner: OwnerHandle, metric: MetricHandle, at: number, use: number): HoldNumber;
  /** From now on the backend may have counted it: should this process die, it is set aside as uncertain instead of being reported. */
  sending(hold: HoldNumber): void;
  /** It is void: what is to be counted in its place was written by `settle` before. Outlives a failed `commit`. */
  resolve(hold: HoldNumber): void;
  /** Usage of which nobody knows whether the backend counted it: kept for an operator's word. Outlives a failed `commit`. */
  setAside(owner: OwnerHandle, metric: MetricHandle, at: number, use: number): void;
  /** An answer's status, dated at the admission. Written within 50 ms, by no `commit`: it is no usage, and a kill may lose it. */
  code(owner: OwnerHandle, at: number, status: number): void;
  /** In the journal before the first message about a lease: `commit` must have returned true in between. Lost with a failed `commit`. */
  openLease(lease: {
    readonly number: number;
    readonly owner: OwnerHandle;
    readonly metric: MetricHandle;
    readonly rev: number;
  }): void;
  closeLease(number: number): void;
  /**
   * One write of everything buffered. False: nothing of it is in the file (truncated to the last good offset); usage,
   * holds and opened leases of this tick are forgotten, settlements, codes and resolutions are kept for the next write.
   */
  commit(): boolean;
  /** Writes at once what outlives a failed `commit`, and nothing of the tick. False: it was not written, and is kept. */
  flush(): boolean;
  /** Writable and below JOURNAL_MAX_BYTES; when false and JOURNAL_FULL=refuse, requests are answered 503. */
  readonly writable: boolean;
}
