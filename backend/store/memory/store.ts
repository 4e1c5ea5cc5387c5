import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../shared/clock.ts';
import { StoreUnavailable } from '../store.ts';
import type { Store, StoreHealth } from '../store.ts';
import { CellCounters } from '../transactions/cell-counters.ts';
import { CellDocuments } from '../transactions/cell-documents.ts';
import { CellLeases } from '../transactions/cell-leases.ts';
import { CellLogs } from '../transactions/cell-logs.ts';
import { PendingCells } from '../transactions/cells.ts';
import { forgetChanges, readVersion } from '../transactions/documents.ts';
import { COMMON, Horizon } from '../transactions/runner.ts';
import type { Runner } from '../transactions/runner.ts';
import { sweep } from '../transactions/sweep.ts';
import { retentionOf } from '../windows.ts';
import type { Retention } from '../windows.ts';
import { MemoryCells } from './cells.ts';

export interface MemoryStoreOptions {
  readonly clock: Clock;
  /** Default 4. */
  readonly shards?: number;
  /** Run id that every shard begins with; random by default. */
  readonly identity?: string;
  /** How long grants are frozen after a shard was restored, ms. Default 0: as where every grant is durable before it is answered. */
  readonly freeze?: number;
  /** Called after every transaction that wrote to a shard; its promise delays the answer, a rejection replaces it. */
  readonly confirm?: (shard: number) => Promise<void>;
  readonly retention?: Partial<Retention>;
}

/** A moment to which the store can return. */
export type MemorySnapshot = ReadonlyMap<number, number>;

/** The store in memory: for the simulation and for tests. Every method has its whole effect before it returns its promise. */
export interface MemoryStore extends Store {
  /** A moment to return to, as long as no shard has written 100,000 times since. */
  snapshot(): MemorySnapshot;
  /** A failover: the shards (all by default) forget what they wrote since the snapshot, and answer under a new run id. */
  restore(snapshot: MemorySnapshot, identity: string, shards?: readonly number[]): void;
  /** The shards (all by default) answer StoreUnavailable until `start`. Shard -1 holds the configuration. */
  stop(shards?: readonly number[]): void;
  /** A cell as it is now, whether its shard answers or not. */
  peek(shard: number, key: string): string | undefined;
  start(shards?: readonly number[]): void;
}

export function createMemoryStore(options: MemoryStoreOptions): MemoryStore {
  const { clock, shards = 4, freeze = 0, confirm = null } = options;
  const retention = retentionOf(options.retention ?? {});
  const all = [COMMON, ...Array.from({ length: shards }, (_, shard) => shard)];
  const cells = new Map(all.map((shard) => [shard, new MemoryCells()]));
  const runs = new Map(all.map((shard) => [shard, options.identity ?? randomUUID()]));
  const stopped = new Set<number>();
  const runner = createRunner(shards, cells, stopped, confirm, (shard) => ({ run: runs.get(shard) ?? '', freeze }));
  const horizon = new Horizon();
  const documents = new CellDocuments(runner);
  const sweeper = clock.every(60_000, () => void sweep(runner, retention, horizon, clock.now()).catch(() => null));
  return {
    kind: 'memory',
    documents,
    logs: new CellLogs(runner, clock),
    counters: new CellCounters(runner, clock, horizon),
    leases: new CellLeases(runner, clock, horizon),
    identity: () => [...runs.values()].join(' '),
    time: async () => clock.now(),
    health: async () => healthOf(stopped, freeze),
    acceptLoss: null,
    flush: async () => {
      const version = readVersion(cellsOf(cells, COMMON));
      for (const shard of cells.values()) shard.clear();
      forgetChanges(cellsOf(cells, COMMON), version + 1);
      documents.notify(null, []);
    },
    close: async () => sweeper.cancel(),
    snapshot: () => new Map([...cells].map(([shard, { position }]) => [shard, position])),
    restore: (snapshot, identity, restored = all) => {
      for (const shard of restored) {
        cellsOf(cells, shard).rewind(snapshot.get(shard) ?? 0);
        runs.set(shard, identity);
      }
      if (restored.includes(COMMON)) documents.notify(null, []);
    },
    peek: (shard, key) => cellsOf(cells, shard).get(key),
    stop: (some = all) => some.forEach((shard) => stopped.add(shard)),
    start: (some = all) => some.forEach((shard) => stopped.delete(shard)),
  };
}

function createRunner(
  shards: number,
  cells: ReadonlyMap<number, MemoryCells>,
  stopped: ReadonlySet<number>,
  confirm: MemoryStoreOptions['confirm'] | null,
  fence: Runner['fence'],
): Runner {
  const reach = (shard: number): MemoryCells => {
    if (stopped.has(shard)) throw new StoreUnavailable('stopped', `shard ${shard} of the memory store is stopped`);
    return cellsOf(cells, shard);
  };
  return {
    shards,
    fence,
    read: (shard, query) => query(reach(shard)),
    async write(shard, transaction) {
      const target = reach(shard);
      const pending = new PendingCells(target);
      const value = transaction(pending);
      pending.flush((key, text) => (text === null ? target.delete(key) : target.set(key, text)));
      if (confirm) await confirm(shard);
      return value;
    },
  };
}

function cellsOf(cells: ReadonlyMap<number, MemoryCells>, shard: number): MemoryCells {
  const found = cells.get(shard);
  if (found === undefined) throw new RangeError(`the memory store has no shard ${shard}`);
  return found;
}

function healthOf(stopped: ReadonlySet<number>, freeze: number): StoreHealth {
  const ready = stopped.size === 0;
  const exact = freeze === 0;
  return {
    ready,
    problem: ready ? '' : `shards ${[...stopped].join(', ')} of the memory store are stopped`,
    limits: exact ? 'exact' : 'bounded',
    limitsReason: exact
      ? 'nothing that was answered is forgotten'
      : `after a failover grants are frozen for ${freeze} ms`,
    grantsHeld: '',
  };
}
