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

/** Raises what follows from an application's usage: events of first traffic, alerts. Idempotent. */
export interface Traffic {
  observe(application: ApplicationRef): Promise<void>;
}

/** Told when there are new events for the provider to fetch. */
export interface EventsHook {
  ping(): void;
}

/** All that is done beside the requests: taken over durably where it matters, worked through here or by a worker. */
export interface Jobs {
  readonly reports: Reports;
  readonly activity: Activity;
  readonly hook: EventsHook;
  /** Begins to work through what was taken over. */
  work(traffic: Traffic): void;
  /** Test control only: resolves when every accepted report is applied and what follows from it is done. */
  drain(): Promise<void>;
  /** Finishes what is in hand; what waits stays taken over. */
  stop(): Promise<void>;
}
