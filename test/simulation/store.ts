import type { Clock } from '../../shared/clock.ts';
import { createMemoryStore } from '../../backend/store/memory/store.ts';
import type { MemorySnapshot, MemoryStore } from '../../backend/store/memory/store.ts';
import { StoreUnavailable } from '../../backend/store/store.ts';
import type { Random } from './random.ts';
import type { Timeline } from './timeline.ts';

/** A grant that is not on the replicas after this long is answered as an outage, ms. */
const CONFIRM_TIMEOUT = 100;

export interface SimulatedStoreOptions {
  readonly shards: number;
  /** A grant is answered only when the replicas have it (protocol R7). */
  readonly wait: boolean;
  /** How long grants are frozen after a failover without R7, ms. */
  readonly freeze: number;
  /** Longest span that a failover forgets, ms. */
  readonly lag: number;
}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** The memory store with replicas that lag and are promoted, forgetting what they had not received. Shard -1 holds the configuration. */
export class SimulatedStore {
  readonly store: MemoryStore;
  readonly #timeline: Timeline;
  readonly #random: Random;
  readonly #options: SimulatedStoreOptions;
  /** Shards whose replica has stopped receiving, and what it has. */
  readonly #stalled = new Map<number, { readonly kept: MemorySnapshot; readonly since: number }>();
  readonly #down = new Set<number>();
  readonly #waiting = new Map<number, Set<Waiting>>();
  #runs = 0;
  failovers = 0;
  /** Called with the shard, the number of its writes that were kept, and the true time from which on nothing was. */
  onForget: (shard: number, kept: number, since: number) => void = () => undefined;

  constructor(timeline: Timeline, random: Random, clock: Clock, options: SimulatedStoreOptions) {
    this.#timeline = timeline;
    this.#random = random;
    this.#options = options;
    this.store = createMemoryStore({
      clock,
      shards: options.shards,
      identity: 'run-0',
      freeze: options.freeze,
      confirm: (shard) => this.confirm(shard),
    });
  }

  get shards(): readonly number[] {
    return Array.from({ length: this.#options.shards + 1 }, (_, index) => index - 1);
  }

  /** The replica of a shard stops receiving; after a while it is promoted, and what it did not receive is gone. */
  failOver(shard: number): void {
    if (this.#stalled.has(shard) || this.#down.has(shard)) return;
    this.#stalled.set(shard, { kept: this.store.snapshot(), since: this.#timeline.now });
    this.#timeline.after(this.#random.between(100, this.#options.lag), () => this.#promote(shard));
  }

  #promote(shard: number): void {
    const stalled = this.#stalled.get(shard);
    if (stalled === undefined) return;
    const { kept, since } = stalled;
    this.#stalled.delete(shard);
    this.#down.add(shard);
    this.failovers += 1;
    this.#fail(shard, 'the server is gone');
    this.#runs += 1;
    this.store.restore(kept, `run-${this.#runs}`, [shard]);
    this.store.stop([shard]);
    this.onForget(shard, kept.get(shard) ?? 0, since);
    this.#timeline.after(this.#random.between(100, 600), () => {
      this.#down.delete(shard);
      this.store.start([shard]);
    });
  }

  /** Throws while the shard's server is gone. */
  reach(shard: number): void {
    if (this.#down.has(shard)) throw new StoreUnavailable('gone', 'the server is gone');
  }

  /** Resolves when the replicas have what the shard wrote. */
  confirm(shard: number): Promise<void> {
    this.#timeline.unsettle();
    if (!this.#options.wait) return Promise.resolve();
    return new Promise((resolve, reject) => this.#await(shard, { resolve, reject }));
  }

  #await(shard: number, waiting: Waiting): void {
    const all = this.#waiting.get(shard) ?? new Set<Waiting>();
    this.#waiting.set(shard, all);
    all.add(waiting);
    if (!this.#stalled.has(shard)) {
      this.#timeline.after(this.#random.between(0.2, 2), () => {
        if (this.#stalled.has(shard) || !all.delete(waiting)) return;
        this.#timeline.unsettle();
        waiting.resolve();
      });
    }
    this.#timeline.after(CONFIRM_TIMEOUT, () => {
      if (!all.delete(waiting)) return;
      this.#timeline.unsettle();
      waiting.reject(new StoreUnavailable('not_replicated', 'no replica confirmed the write in time'));
    });
  }

  #fail(shard: number, why: string): void {
    for (const { reject } of this.#waiting.get(shard) ?? []) reject(new StoreUnavailable('gone', why));
    this.#waiting.get(shard)?.clear();
    this.#timeline.unsettle();
  }
}
