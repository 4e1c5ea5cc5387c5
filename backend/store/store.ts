import type { Period } from '../../shared/period.ts';

/**
 * What the backend needs from storage: a few atomic primitives, two implementations (Redis, embedded), one behavioural
 * suite. Decisions are made above this interface; a primitive only checks bounds and adds, all or nothing, or applies
 * a batch once. Every amount is a signed 64-bit integer (`bigint`), exact.
 */
export interface Store {
  readonly kind: 'redis' | 'embedded';
  readonly documents: Documents;
  readonly logs: Logs;
  readonly counters: Counters;
  readonly leases: Leases;
  /** Identity of the whole store (all run ids); changes when acknowledged writes may have been lost (protocol R8). */
  identity(): string;
  /** Milliseconds since the epoch by the store's own clock; the embedded store answers the process's. */
  time(): Promise<number>;
  /** Can it decide right now? Never throws. */
  health(): Promise<StoreHealth>;
  /** Empties the store: the test control endpoint only. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface StoreHealth {
  readonly ready: boolean;
  /** One sentence for an operator: what is wrong and what to do. Empty when ready. */
  readonly problem: string;
  /** `exact`: a grant is on all replicas or on disk before it is answered (protocol R7); else `bounded`, and why. */
  readonly limits: 'exact' | 'bounded';
  readonly limitsReason: string;
}

/** Thrown by every primitive when the store cannot answer (refused, time-out, read-only, out of memory, empty after a loss): an outage, never a denial. */
export class StoreUnavailable extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

// ---------------------------------------------------------------- configuration

/** Path of a document, such as ['application', service, id]. Parts are arbitrary strings; the encoding cannot collide. */
export type DocumentKey = readonly string[];
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface DocumentWrite {
  readonly key: DocumentKey;
  /** null deletes. */
  readonly value: Json;
}

export interface Expectation {
  readonly key: DocumentKey;
  /** Whether the document must be there. */
  readonly exists?: boolean;
  /** What it must hold. */
  readonly equals?: Json;
}

export interface DocumentPage {
  readonly entries: readonly { readonly key: DocumentKey; readonly value: Json }[];
  /** Pass to the next call; null at the end. */
  readonly cursor: string | null;
}

/** Configuration: services, applications, keys, plans, limits, tokens. All of it shares one hash slot, so that any set of writes is atomic and has one version. */
export interface Documents {
  get(key: DocumentKey): Promise<Json>;
  getMany(keys: readonly DocumentKey[]): Promise<readonly Json[]>;
  /**
   * Applies all writes and raises the version, or does nothing when an expectation fails. `changed` names the
   * applications whose decisions may differ (application '*' = all of the service), recorded under the new version
   * (protocol R6). Returns the new version, or null when an expectation failed.
   */
  write(
    writes: readonly DocumentWrite[],
    options: { readonly expect?: readonly Expectation[]; readonly changed?: readonly ApplicationRef[] },
  ): Promise<number | null>;
  /** Direct and indirect children of `prefix`, in an order that is stable while nothing changes. */
  list(prefix: DocumentKey, cursor: string | null, limit: number): Promise<DocumentPage>;
  version(): Promise<number>;
  /** Changes after `version`, oldest first; null when that is too long ago to say. */
  changesSince(version: number): Promise<readonly DocumentChange[] | null>;
  /** Calls `listener` within a second after any process changed anything; `null` means: may have missed some, drop every cache. Returns the unsubscriber. */
  onChange(listener: (version: number | null, keys: readonly DocumentKey[]) => void): () => void;
}

export interface DocumentChange {
  readonly version: number;
  readonly changed: readonly ApplicationRef[];
}

/** Bounded lists and flags: integration errors, events, alerts, audit trail. */
export interface Logs {
  /** Adds an item and drops the oldest beyond `bound`. Returns its id, growing within a list. */
  append(list: DocumentKey, item: Json, bound: number): Promise<number>;
  /** Newest first. */
  range(list: DocumentKey, offset: number, count: number): Promise<readonly { readonly id: number; readonly item: Json }[]>;
  count(list: DocumentKey): Promise<number>;
  /** Removes one item by id, or with `upto` all with id ≤ it. Returns how many. */
  remove(list: DocumentKey, id: number, upto: boolean): Promise<number>;
  clear(list: DocumentKey): Promise<void>;
  /** Sets the flag for `milliseconds` if it is not set. True when this call set it. */
  setOnce(flag: DocumentKey, milliseconds: number): Promise<boolean>;
  isSet(flag: DocumentKey): Promise<boolean>;
}

// ---------------------------------------------------------------- counters

export interface ApplicationRef {
  readonly service: string;
  readonly application: string;
}

export interface CounterRef {
  readonly metric: string;
  readonly period: Period;
}

export interface Bound extends CounterRef {
  /** The counter's `taken` may reach this and no more. */
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
  /** Further counters whose `taken` is wanted in `values` (usage reports of other metrics). */
  readonly reads: readonly CounterRef[];
  /** Response-code counters, such as `200` and `2XX`: +1 in `used`, never limited. */
  readonly codes: readonly string[];
  /** False: check only (authorize). True: when admitted, add to `taken` and `used` (authrep). */
  readonly count: boolean;
}

export interface DecideReply {
  readonly admitted: boolean;
  /** Grants are frozen after a change of the store (protocol R8): an outage, never a refusal. */
  readonly frozen: boolean;
  /** `taken` before this call: of each bound in the order of the request, then of the `reads`. */
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

/** One shard's part of a batch. The caller splits a batch by `shardOf` and slices parts of more than 100 entries. */
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
  series(service: string, application: string | null, counter: Counter, period: Period, starts: readonly number[]): Promise<readonly bigint[]>;
  /** Applications of the service with the most usage in one window, greatest first. */
  top(
    service: string,
    metric: string,
    period: Period,
    start: number,
    count: number,
  ): Promise<readonly { readonly application: string; readonly value: bigint }[]>;
  /** Both accounts of every counter of an application in the windows that hold `at`: utilization, and the check that taken = used. */
  accounts(application: ApplicationRef, at: number): Promise<readonly Accounts[]>;
  /** Applications of a service that ever had usage. */
  active(service: string, cursor: string | null, limit: number): Promise<{ readonly applications: readonly string[]; readonly cursor: string | null }>;
  /** Sets one counter's `used` and `taken`: test control and import only. */
  seed(application: ApplicationRef, counter: CounterRef, start: number, value: bigint): Promise<void>;
  /** Deletes all counters of a service, or of one application. */
  remove(service: string, application: string | null): Promise<void>;
}

/** What a series counts: usage of a metric, or answers of a response code (`200`, `2XX`). */
export type Counter = { readonly metric: string } | { readonly code: string };

// ---------------------------------------------------------------- leases

/** A lease message (protocol R5) after the backend resolved its chain and bounds. */
export interface LeaseCommand extends ApplicationRef {
  readonly epoch: string;
  /** Number within the epoch; (epoch, number) is unique for ever. */
  readonly number: number;
  readonly metric: string;
  readonly rev: number;
  readonly used: bigint;
  readonly held: bigint;
  readonly want: bigint;
  readonly need: bigint;
  /** Ask for the window after the one that holds `at`. */
  readonly next: boolean;
  readonly final: boolean;
  readonly at: number;
  /** The metric and all of its ancestors. */
  readonly chain: readonly string[];
  /** Every limit on the chain. */
  readonly bounds: readonly Bound[];
  /** The smallest limited period: the lease's window. */
  readonly period: Period;
  /** Epochs heard within 4 × lease time. */
  readonly living: readonly string[];
}

export interface LeaseReply {
  readonly rev: number;
  readonly ceiling: bigint;
  /** The lease's window, ms since the epoch. */
  readonly start: number;
  readonly end: number;
  /** min over the bounds of max − taken, after this message; may be negative. */
  readonly room: bigint;
  /** max − taken of each bound in the order of the command, after this message: names the tightest and the exceeded limits (R19). */
  readonly rooms: readonly bigint[];
  /** Holders of this application whose epoch is alive, at least 1. */
  readonly active: number;
  /** Units that other living epochs hold unspent, as last told. */
  readonly elsewhere: bigint;
  readonly frozen: boolean;
  readonly final: boolean;
  /** taken > max of some bound: levels must fall to what is used. */
  readonly shrink: boolean;
}

export interface LeaseRecord extends ApplicationRef {
  readonly epoch: string;
  readonly number: number;
  readonly metric: string;
  readonly start: number;
  readonly end: number;
  readonly ceiling: bigint;
  readonly used: bigint;
  readonly rev: number;
  readonly final: boolean;
}

export interface Leases {
  /** Runs the messages (each atomic), then makes them durable as configured before it answers (R7). Order of answers = order of commands. */
  run(commands: readonly LeaseCommand[]): Promise<readonly LeaseReply[]>;
  /** Notes that `epoch` lives, durably. */
  heartbeat(epoch: string, at: number): Promise<void>;
  /** Epochs heard within `milliseconds` before `at`. */
  living(at: number, milliseconds: number): Promise<readonly string[]>;
  /** Applications of which `epoch` holds units while others found room short: their levels are said at once (R6). */
  scarce(epoch: string): Promise<readonly ApplicationRef[]>;
  list(cursor: string | null, limit: number): Promise<{ readonly leases: readonly LeaseRecord[]; readonly cursor: string | null }>;
  /** Operator: closes every open lease of a dead epoch; what was not said to be unused counts as taken. Returns how many. */
  release(epoch: string): Promise<number>;
}
