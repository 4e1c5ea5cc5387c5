import type { LimitHeaders } from '../backend-client/verdict.ts';
import type { MetricHandle, OwnerHandle } from '../journal/contract.ts';
import type { Usage } from '../rules/usage.ts';
import { CacheEntry } from './credential-cache.ts';
import { DISABLED, limitsExceeded } from './decisions.ts';
import type { Decision } from './authorizer.ts';
import { LocalLimits, type Charge } from './local-limits.ts';

/** What is known of one caller and one usage. */
export class UsageState {
  readonly usage: Usage;
  readonly metrics: readonly MetricHandle[];
  charges: readonly Charge[];
  /** Generation of the limits that the charges were made for. */
  #generation: number;
  /** The backend was asked about it and knows its metrics. */
  verified = false;
  /** The backend refuses this usage of this caller until then (monotonic ms). */
  deniedUntil = 0;
  denial: Decision | null = null;
  /** The last answer about it was a refusal. */
  denied = false;
  /** REPORTING_MODE=per-request: admitted without asking first until then (monotonic ms). */
  admittedUntil = 0;
  /** Admitted requests of which the backend has not been told yet. */
  untold = 0;
  /** Calls under way that are made before their requests. */
  beingTold = 0;
  /** A limit that only the answer's headers tell of: calls left until `headerUntil` (monotonic ms). */
  callsLeft = Number.POSITIVE_INFINITY;
  headerUntil = 0;
  /** When that was learnt (monotonic ms). */
  boundAt = 0;
  headerReset: number | null = null;
  headerMax = 0;

  constructor(usage: Usage, metrics: readonly MetricHandle[], limits: LocalLimits) {
    this.usage = usage;
    this.metrics = metrics;
    this.charges = limits.charges(usage.entries);
    this.#generation = limits.generation;
  }

  /** Brings the charges up to date with the limits. */
  chargesFor(limits: LocalLimits): readonly Charge[] {
    if (this.#generation !== limits.generation) {
      this.charges = limits.charges(this.usage.entries);
      this.#generation = limits.generation;
    }
    return this.charges;
  }

  /** A limit of which the reports did not tell (its metric's parents have none of their own): counted by the headers. */
  bound(headers: LimitHeaders, until: number, now: number): void {
    this.callsLeft = headers.remaining;
    this.headerMax = headers.max;
    this.headerReset = headers.reset;
    this.headerUntil = Math.min(until, headers.reset === null ? until : now + headers.reset * 1000);
  }

  unbound(): void {
    this.callsLeft = Number.POSITIVE_INFINITY;
  }

  /** Refused by what only the headers told? Null: no. */
  headerExcess(now: number): Decision | null {
    if (this.callsLeft > 0 || now >= this.headerUntil) return null;
    return this.headerMax <= 0 ? DISABLED : limitsExceeded(this.headerReset, '');
  }
}

/** An owner in the journal's tables, with the requests that still need it. */
export class OwnerRef {
  readonly handle: OwnerHandle;
  inUse = 0;
  /** Its caller has another one, or is forgotten: it goes with its last request. */
  retired = false;

  constructor(handle: OwnerHandle) {
    this.handle = handle;
  }
}

/** One caller: who it is, what the backend last said of it, what it used here since. */
export class Caller extends CacheEntry {
  /** False: nobody vouched for it, it is served because BACKEND_DOWN says so. */
  known = true;
  /** In the journal's tables; null until it first used something. */
  owner: OwnerRef | null = null;
  readonly limits = new LocalLimits();
  /** By the usage's index within its service. */
  readonly usages: (UsageState | undefined)[] = [];
  /** Monotonic ms: the backend's word holds until, is asked again from, and was asked for at. */
  freshUntil = 0;
  refreshAt = 0;
  answeredAt = 0;
  /** The backend refuses this caller. */
  refusal: Decision | null = null;

  /** Null when this usage was not asked about, or the configuration changed since. */
  state(usage: Usage): UsageState | null {
    const state = this.usages[usage.index];
    return state !== undefined && state.usage === usage ? state : null;
  }
}
