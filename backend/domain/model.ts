import type { Bound } from '../store/store.ts';
import type { Metric, MetricTable } from './metric.ts';

/** What decisions need of a service, resolved from the configuration. */
export interface Service {
  readonly id: string;
  readonly active: boolean;
  /** `1`: user keys; `2` or null: application id and key; `oauth`. Others count as `2`. */
  readonly backendVersion: string | null;
  readonly referrerFiltersRequired: boolean;
  readonly metrics: MetricTable;
  /** Percentages at which the provider wants an alert, ascending; empty: none. */
  readonly alertLimits: readonly number[];
}

/** A usage limit of an application's plan. `metric` is the metric's id; it is a bound as the store takes it. */
export interface Limit extends Bound {
  /** Null when the metric is gone: the limit is still checked, but not reported. */
  readonly source: Metric | null;
}

/** What decisions need of an application, resolved once per version of the configuration. */
export interface Application {
  readonly service: Service;
  readonly id: string;
  /** Only `active` may make calls. */
  readonly state: string;
  readonly planName: string | null;
  readonly redirectUrl: string | null;
  readonly keys: ApplicationKeys;
  readonly referrerFilters: readonly string[];
  /** Every limit of the plan, in the order of the reports: by metric, longest period first. */
  readonly limits: readonly Limit[];
}

/** The keys of an application. Expired ones do not count. */
export interface ApplicationKeys {
  /** How many are valid at `now` (ms). */
  count(now: number): number;
  /** Compares in constant time. */
  accepts(key: string, now: number): boolean;
  /** When the first of those valid at `now` expires, ms; null: none will. */
  nextExpiry(now: number): number | null;
  /** The keys themselves, as the contract shows them; empty where the store cannot give them back. */
  list(now: number): readonly string[];
}
