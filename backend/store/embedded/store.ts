import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { open } from 'lmdb';
import type { Clock } from '../../../shared/clock.ts';
import type { Store } from '../store.ts';
import { CellCounters } from '../transactions/cell-counters.ts';
import { CellDocuments } from '../transactions/cell-documents.ts';
import { CellLeases } from '../transactions/cell-leases.ts';
import { CellLogs } from '../transactions/cell-logs.ts';
import { forgetChanges } from '../transactions/documents.ts';
import { COMMON, Horizon } from '../transactions/runner.ts';
import { sweep } from '../transactions/sweep.ts';
import { retentionOf } from '../windows.ts';
import type { Retention } from '../windows.ts';
import { lockFolder } from './lock.ts';
import type { FolderLock } from './lock.ts';
import { LmdbRunner } from './runner.ts';
import type { CellDatabase } from './runner.ts';

export interface EmbeddedStoreOptions {
  /** Folder of the database; made when it is missing. One process at a time. */
  readonly folder: string;
  readonly retention?: Partial<Retention>;
}

export interface EmbeddedStoreDeps {
  readonly clock: Clock;
}

/** Expired windows, marks and leases are deleted this often, ms. */
const SWEEP_INTERVAL = 600_000;
const IDENTITY = 'identity';
/** Apart from all cells, whose keys begin with a letter. */
const FORMAT = '!format';
/** Layout of the cells that this program writes. Databases without a mark are of version 1. */
const FORMAT_VERSION = 1;
const PROBE = 'probe';

/**
 * The store in one process: LMDB in a folder, every answer synced to disk before it is given. Throws when another
 * process has the folder, it cannot be written, or a newer program wrote it.
 */
export async function createEmbeddedStore(options: EmbeddedStoreOptions, deps: EmbeddedStoreDeps): Promise<Store> {
  const retention = retentionOf(options.retention ?? {});
  const { lock, database, identity } = await openFolder(options.folder, deps.clock);
  const runner = new LmdbRunner(database, identity);
  const horizon = new Horizon();
  const documents = new CellDocuments(runner);
  const sweeper = deps.clock.every(SWEEP_INTERVAL, () => {
    // A failed commit shows in health(); the next round sweeps again.
    void sweep(runner, retention, horizon, deps.clock.now()).catch(() => null);
  });
  return {
    kind: 'embedded',
    documents,
    logs: new CellLogs(runner, deps.clock),
    counters: new CellCounters(runner, deps.clock, horizon),
    leases: new CellLeases(runner, deps.clock, horizon),
    identity: () => identity,
    time: async () => deps.clock.now(),
    health: async () => {
      const failure = runner.failure === null ? null : await tryWrite(runner);
      return {
        ready: failure === null,
        problem: failure === null ? '' : `the store in ${options.folder} cannot be written: ${failure.message}`,
        limits: 'exact',
        limitsReason: 'every answer is synced to disk before it is given',
        grantsHeld: '',
      };
    },
    acceptLoss: null,
    flush: async () => {
      const version = await documents.version();
      await database.clearAsync();
      await database.put(IDENTITY, identity);
      await database.put(FORMAT, String(FORMAT_VERSION));
      await runner.write(COMMON, (cells) => forgetChanges(cells, version + 1));
      documents.notify(null, []);
    },
    close: async () => {
      sweeper.cancel();
      await database.close();
      await lock.release();
    },
  };
}

interface OpenFolder {
  readonly lock: FolderLock;
  readonly database: CellDatabase;
  readonly identity: string;
}

/** The folder belongs to this process when this returns, and is free again when it throws. */
async function openFolder(folder: string, clock: Clock): Promise<OpenFolder> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = await lockFolder(folder, clock);
  const database: CellDatabase = open<string, string>({
    path: folder,
    encoding: 'string',
    // A commit is an answer, so it must be on disk: no second stage after it.
    overlappingSync: false,
  });
  try {
    return { lock, database, identity: await openedBy(database, folder) };
  } catch (error) {
    await database.close();
    await lock.release();
    throw error;
  }
}

/** Its identity; throws when a newer program wrote the database, whose cells this one could read wrongly. */
async function openedBy(database: CellDatabase, folder: string): Promise<string> {
  const format = database.get(FORMAT);
  if (format !== undefined && format !== String(FORMAT_VERSION)) {
    throw new Error(
      `the store in ${folder} is of version ${format}, this program knows ${FORMAT_VERSION}: ` +
        'run the version that wrote it, or a newer one',
    );
  }
  if (format === undefined) await database.put(FORMAT, String(FORMAT_VERSION));
  return identityOf(database);
}

/** Made once, with the database: what it acknowledged it never forgets, so it never changes. */
async function identityOf(database: CellDatabase): Promise<string> {
  const known = database.get(IDENTITY);
  if (known !== undefined) return known;
  const identity = randomUUID();
  await database.put(IDENTITY, identity);
  return identity;
}

/** After a failure: has it passed? */
async function tryWrite(runner: LmdbRunner): Promise<Error | null> {
  await runner.write(COMMON, (cells) => cells.set(PROBE, '')).catch(() => null);
  return runner.failure;
}
