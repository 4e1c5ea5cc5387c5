import type { MetricHandle } from '../journal/contract.ts';
import { Demand } from './demand.ts';
import type { Lease } from './lease.ts';
import type { SharedOwner } from './shared-owner.ts';

/** A request that waits for units; whoever queues it decides what to do when something changed. */
export interface Waiter {
  /** Units that it needs of the metric it waits for. */
  readonly amount: number;
}

/** Why the last question was refused, remembered so that not every request asks again. */
export interface Refusal {
  /** Monotonic time until which it holds. */
  readonly until: number;
  /** Requests for at least this many units are refused. */
  readonly amount: number;
  /** End of the longest exceeded window by the backend's clock; null: eternity. */
  readonly retryAt: number | null;
  /** Others hold units that may come back within a second. */
  readonly elsewhere: boolean;
  readonly lease: Lease;
}

/** One application and metric: its leases, its demand and who waits for it. */
export class Slot {
  readonly service: string;
  readonly application: string;
  readonly metric: string;
  readonly owner: SharedOwner;
  readonly metricHandle: MetricHandle;
  current: Lease | null = null;
  next: Lease | null = null;
  /** Monotonic time at which the next window is asked for, if this one was used (R16). */
  nextAskAt = Infinity;
  readonly demand: Demand;
  refusal: Refusal | null = null;
  /** Monotonic time at which an answer last showed that others draw on the same limits. */
  sharedAt = -Infinity;
  readonly waiters: Waiter[] = [];
  /** What its leases are for, to be compared only, and since which configuration version. */
  terms: string | null = null;
  termsVersion = -1;
  /** Looked after at every turn, not once per lease time. */
  hot = false;
  /** Position in the table's list. */
  index = -1;

  constructor(
    service: string,
    application: string,
    metric: string,
    owner: SharedOwner,
    metricHandle: MetricHandle,
    now: number,
  ) {
    this.service = service;
    this.application = application;
    this.metric = metric;
    this.owner = owner;
    this.metricHandle = metricHandle;
    this.demand = new Demand(now);
  }

  /** Nothing is held, said or waited for. */
  get empty(): boolean {
    return this.current === null && this.next === null && this.waiters.length === 0;
  }
}
