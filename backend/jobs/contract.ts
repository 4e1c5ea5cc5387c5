import type { ApplicationRef, BatchEntry } from '../store/store.ts';

/**
 * Takes over what 3scale clients report. With Redis a report is queued durably and applied by a worker; on the
 * embedded store it is applied before `accept` returns. Either way it becomes a batch (epoch of this process, next
 * sequence) when it is accepted, so that it counts once however often it is applied (protocol R12).
 */
export interface Reports {
  /**
   * Resolves when the report can no longer be lost. The entries are resolved and dated already: a later change of the
   * configuration does not change what they mean. Throws a Fault (`queueFull`) when too much is waiting, and
   * StoreUnavailable when the store cannot take it; then the client is told to try again.
   */
  accept(entries: readonly BatchEntry[]): Promise<void>;
}

/** Learns which applications had usage, for alerts and the events of first traffic. Costs the caller nothing that waits. */
export interface Activity {
  touched(application: ApplicationRef): void;
}

/** Test control only. */
export interface JobsControl {
  /** Resolves when every accepted report is applied and every alert that follows from it is raised. */
  drain(): Promise<void>;
}
