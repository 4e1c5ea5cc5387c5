import type { JobsOptions } from 'bullmq';

/** In a hash tag, so that all keys of a queue are in one slot of a Redis Cluster. */
export const QUEUE_PREFIX = '{tallygate-jobs}';
/** The slot of that hash tag (CRC16 of the text in braces, modulo 16384). */
export const QUEUE_SLOT = 11142;

/** Reports of 3scale clients, each a batch. */
export const REPORTS = 'reports';
/** What follows from usage: alerts, events, the webhook. */
export const NOTIFICATIONS = 'notifications';

/** Set aside jobs that are kept for an operator to see, per queue. */
export const MAX_FAILED = 10_000;

/**
 * A report is tried until it is applied: only one that cannot be read, or that conflicts with what was applied under
 * its identity, is set aside.
 */
export const REPORT_OPTIONS: JobsOptions = {
  attempts: 1_000_000_000,
  backoff: { type: 'outage' },
  removeOnComplete: true,
  removeOnFail: { count: MAX_FAILED },
  stackTraceLimit: 1,
};

/** Pause before an attempt, ms: from 100 ms doubled up to 10 s. */
export function outageBackoff(attemptsMade: number): number {
  return Math.min(10_000, 100 * 2 ** Math.min(attemptsMade - 1, 10));
}
