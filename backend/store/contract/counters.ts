import type { Period } from '../../../shared/period.ts';
import type { ApplicationRef } from './application.ts';

export interface CounterRef {
  readonly metric: string;
  readonly period: Period;
}

export interface Bound extends CounterRef {
  /** The counter's `taken`, or `used` where that is more, may reach this and no more. */
  readonly max: bigint;
}

/** One metric's counters and what is added in all seven periods. The domain has already followed the hierarchy upwards. */
export interface Addition {
  readonly metric: string;
  readonly amount: bigint;
  /** True for `#N`: the counter becomes `amount`, i.e. n = amount − used, per counter (protocol R17). */
  readonly set: boolean;
}

/** A direct decision (authorize, authrep): protocol R17. */
export interface DecideRequest extends ApplicationRef {
  /** Backend clock, ms since the epoch: names the windows and dates the usage. */
  readonly at: number;
  readonly bounds: readonly Bound[];
  readonly additions: readonly Addition[];
  /** Further counters that are wanted in `values` (usage reports of other metrics). */
  readonly reads: readonly CounterRef[];
  /** Response-code counters, such as `200` and `2XX`: +1 in `used`, never limited. */
  readonly codes: readonly string[];
  /** False: check only (authorize). True: when admitted, add to `taken` and `used` (authrep). */
  readonly count: boolean;
}

export interface DecideReply {
  readonly admitted: boolean;
  /** Grants are frozen after a change of the store (protocol R8): an outage, never a refusal. Nothing was counted, unless no bound was asked for. */
  readonly frozen: boolean;
  /** A counter would leave 64 bits; nothing was counted. */
  readonly overflow: boolean;
  /** `taken`, or `used` where that is more, before this call: of each bound in the order of the request, then of the `reads`. */
  readonly values: readonly bigint[];
}

export interface BatchAddition {
  readonly metric: string;
  /** Moves `used`. With `set` the counter becomes this. */
  readonly use: bigint;
  /** Moves `taken` where taken exists (protocol R11). */
  readonly take: bigint;
  readonly set: boolean;
}

export interface BatchEntry extends ApplicationRef {
  /** Milliseconds; the windows of all periods that hold it are raised. */
  readonly at: number;
  /** Per metric of the chain. */
  readonly additions: readonly BatchAddition[];
  readonly codes: readonly { readonly code: string; readonly use: bigint }[];
}

/** One shard's part of a batch. The caller splits a batch by `shardOf` and slices parts of more than 100 entries. A sequence below its floor, or 1,024 or more above it, is a RangeError. */
export interface BatchPart {
  /** Random 128 bits in hex: the producer. */
  readonly epoch: string;
  readonly sequence: number;
  /** Number of the slice within (sequence, shard), from 0. */
  readonly slice: number;
  /** Digest of the content: the same identity with another digest is a conflict. */
  readonly digest: string;
  /** Lowest sequence of this epoch that may still come. */
  readonly floor: number;
  readonly shard: number;
  readonly entries: readonly BatchEntry[];
}

export interface AppliedPart {
  readonly result: 'applied' | 'repeat' | 'conflict';
  /** Entries that could not be applied (overflow of 64 bits, foreign type at the key); the rest was. */
  readonly setAside: readonly { readonly index: number; readonly reason: string }[];
}

export interface Accounts extends CounterRef {
  readonly used: bigint;
  readonly taken: bigint;
}

export interface Counters {
  readonly shards: number;
  shardOf(application: ApplicationRef): number;
  /** One atomic script. Grants nothing while frozen. With `count` it answers only when durable as configured (R7). */
  decide(request: DecideRequest): Promise<DecideReply>;
  /** Each part one atomic script: mark, validate, add, or nothing. Any order, any number of times; a repeat is written before it is answered. All durable as configured before the answer. */
  apply(parts: readonly BatchPart[]): Promise<readonly AppliedPart[]>;
  /** `used` (statistics) of metric windows; `application` null: the whole service, summed over the shards. */
  series(
    service: string,
    application: string | null,
    counter: Counter,
    period: Period,
    starts: readonly number[],
  ): Promise<readonly bigint[]>;
  /** Applications of the service with the most usage in one window (a day or longer), greatest first, at most 64. Exact in value; which ones is exact where a shard has no more than 64, else to a sixteenth. */
  top(
    service: string,
    metric: string,
    period: Period,
    start: number,
    count: number,
  ): Promise<readonly { readonly application: string; readonly value: bigint }[]>;
  /** Both accounts of every counter of an application in the windows that hold `at`: utilization, and the check that taken = used. */
  accounts(application: ApplicationRef, at: number): Promise<readonly Accounts[]>;
  /** Applications of a service that ever had usage, or units of a lease. */
  active(
    service: string,
    cursor: string | null,
    limit: number,
  ): Promise<{ readonly applications: readonly string[]; readonly cursor: string | null }>;
  /** Sets one counter's `used` and `taken`: test control and import only. */
  seed(application: ApplicationRef, counter: CounterRef, start: number, value: bigint): Promise<void>;
  /** Deletes all counters of a service, or of one application. */
  remove(service: string, application: string | null): Promise<void>;
}

/** What a series counts: usage of a metric, or answers of a response code (`200`, `2XX`). */
export type Counter = { readonly metric: string } | { readonly code: string };
