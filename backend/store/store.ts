import type { Counters } from './contract/counters.ts';
import type { Documents } from './contract/documents.ts';
import type { Leases } from './contract/leases.ts';
import type { Logs } from './contract/logs.ts';

export type * from './contract/application.ts';
export type * from './contract/counters.ts';
export type * from './contract/documents.ts';
export type * from './contract/leases.ts';
export type * from './contract/logs.ts';

/**
 * What the backend needs from storage: a few atomic primitives, implemented on Redis, embedded (LMDB), and in memory
 * for the simulation, under one behavioural suite. Decisions are made above this interface; a primitive only checks
 * bounds and adds, all or nothing, or applies a batch once. Every amount is a signed 64-bit integer (`bigint`), exact.
 * A request that breaks the contract (amount out of range, foreign shard, key too long) throws a RangeError and changes
 * nothing.
 */
export interface Store {
  readonly kind: 'redis' | 'embedded' | 'memory';
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
  /**
   * An operator's word: what is missing is lost for good, and the store goes on with what is there. Null where a store
   * cannot lose a part. Throws StoreUnavailable.
   */
  readonly acceptLoss: (() => Promise<void>) | null;
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
  /** Why no grant is answered although the store is ready, and what to do; empty: grants are answered. */
  readonly grantsHeld: string;
}

/** Thrown by every primitive when the store cannot answer (refused, time-out, read-only, out of memory, empty after a loss): an outage, never a denial. */
export class StoreUnavailable extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
