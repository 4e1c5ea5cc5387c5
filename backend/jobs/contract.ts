import type { BatchEntry } from '../store/store.ts';

/**
 * A report of a 3scale client (`POST /transactions.xml`; contract section 8) as it was accepted. Plain JSON, so that a
 * queue can carry it. Nothing in it has been checked beyond its shape: unknown applications, bad values and bad
 * timestamps are found when it is resolved.
 */
export interface Report {
  readonly service: string;
  /** When it was accepted by the backends' clock, ms since the epoch: the date of transactions without a timestamp. */
  readonly acceptedAt: number;
  /** Usage is not propagated to the parents of a metric. */
  readonly flatUsage: boolean;
  /** Counts the good transactions and stores one error for each bad one; by default one bad transaction drops all. */
  readonly keepGood: boolean;
  readonly transactions: readonly ReportedTransaction[];
}

export interface ReportedTransaction {
  readonly applicationId: string | null;
  /** Only where no application has it: a known key is replaced by its application before the report is stored. */
  readonly userKey: string | null;
  /** Metric name and value as sent; null where the value is not a text. */
  readonly usage: readonly (readonly [name: string, value: string | null])[];
  readonly timestamp: string | null;
  /** HTTP status of the reported call. */
  readonly code: string | null;
}

/** The queue of reports. */
export interface Reports {
  /**
   * Takes a report over: when this resolves it survives the death of any process (with the store's own durability).
   * Throws StoreUnavailable, or the fault `queue_full`; then nothing was taken.
   */
  accept(report: Report): Promise<void>;
  /** Resolves when every report accepted before by any process is applied and followed up. For the test control endpoint. */
  drained(): Promise<void>;
}

/** What a report means under the configuration of the moment. */
export interface ResolvedReport {
  readonly entries: readonly BatchEntry[];
  /** To be stored for the provider. Not empty and nothing in `entries`: the whole report was dropped. */
  readonly errors: readonly ReportError[];
}

export interface ReportError {
  readonly code: string;
  readonly message: string;
}

/**
 * What a job does with a report, besides queueing and applying: resolve, apply the entries once under (epoch,
 * sequence), follow up. Resolving again after a change of configuration may give other entries: a job keeps the
 * resolved report before it applies the first part, and goes on with that one when it runs again.
 */
export interface ReportProcessing {
  /** `now`: the backends' clock, ms; timestamps may be from 24 h before to 1 h after it. Throws StoreUnavailable. */
  resolve(report: Report, now: number): Promise<ResolvedReport>;
  /** After the entries were applied: stores the errors, raises alerts and events. Throws StoreUnavailable. */
  followUp(report: Report, resolved: ResolvedReport, now: number): Promise<void>;
}

/** Tells the operator's hook that there are events to fetch (contract section 13). Never throws, never waits for the hook. */
export interface EventsHook {
  ping(): void;
}
