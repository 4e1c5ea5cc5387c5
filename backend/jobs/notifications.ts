import type { JobsOptions } from 'bullmq';
import type { ApplicationRef } from '../store/store.ts';
import { MAX_FAILED } from './queues.ts';

/** Look at the alerts and events of applications that had usage. */
export const OBSERVE = 'observe';
/** Tell the receiver of the webhook. */
export const HOOK = 'hook';

export interface ObserveJob {
  readonly applications: readonly (readonly [service: string, application: string])[];
}

/** Tries of a job, from 1 s doubled: about 17 minutes in all. */
const ATTEMPTS = 11;

export const NOTIFICATION_OPTIONS: JobsOptions = {
  attempts: ATTEMPTS,
  backoff: { type: 'exponential', delay: 1_000 },
  removeOnComplete: true,
  removeOnFail: { count: MAX_FAILED },
  stackTraceLimit: 1,
};

/** While one waits or is tried again, another would say the same. */
export const HOOK_OPTIONS: JobsOptions = { ...NOTIFICATION_OPTIONS, deduplication: { id: HOOK } };

export function encodeObserve(applications: readonly ApplicationRef[]): ObserveJob {
  return { applications: applications.map(({ service, application }) => [service, application] as const) };
}

/** Null for data that is not such a job. */
export function decodeObserve(data: unknown): readonly ApplicationRef[] | null {
  if (typeof data !== 'object' || data === null || !('applications' in data)) return null;
  if (!Array.isArray(data.applications)) return null;
  const refs: ApplicationRef[] = [];
  for (const pair of data.applications) {
    if (!Array.isArray(pair)) return null;
    const values: unknown[] = pair;
    const [service, application] = values;
    if (typeof service !== 'string' || typeof application !== 'string') return null;
    refs.push({ service, application });
  }
  return refs;
}
