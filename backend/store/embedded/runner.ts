import type { RootDatabase } from 'lmdb';
import { StoreUnavailable } from '../store.ts';
import { PendingCells } from '../transactions/cells.ts';
import type { Cells, ReadableCells } from '../transactions/cells.ts';
import type { Fence } from '../transactions/fence.ts';
import type { Runner } from '../transactions/runner.ts';

export type CellDatabase = RootDatabase<string, string>;

/** Transactions on LMDB. What is called in the same turn of the event loop is committed and synced together. */
export class LmdbRunner implements Runner {
  /** One process, one file: there is nothing to spread over. */
  readonly shards = 1;
  readonly #database: CellDatabase;
  readonly #cells: ReadableCells;
  readonly #fence: Fence;
  /** What made the last commit fail; null while all is well. */
  failure: Error | null = null;

  constructor(database: CellDatabase, run: string) {
    this.#database = database;
    this.#cells = new LmdbCells(database);
    this.#fence = { run, freeze: 0 };
  }

  fence(): Fence {
    return this.#fence;
  }

  read<T>(_shard: number, query: (cells: ReadableCells) => T): T {
    return query(this.#cells);
  }

  async write<T>(_shard: number, transaction: (cells: Cells) => T): Promise<T> {
    let outcome: { readonly value: T } | { readonly error: unknown } | null = null;
    try {
      await this.#database.transaction(() => {
        outcome = this.#attempt(transaction);
      });
      this.failure = null;
    } catch (error) {
      this.failure = error instanceof Error ? error : new Error(String(error));
      throw new StoreUnavailable('commit_failed', `the embedded store cannot write: ${this.failure.message}`, {
        cause: error,
      });
    }
    return unwrap(outcome);
  }

  /** Inside LMDB's transaction: an error of ours must not end it, because it holds the work of others as well. */
  #attempt<T>(transaction: (cells: Cells) => T): { readonly value: T } | { readonly error: unknown } {
    try {
      const pending = new PendingCells(this.#cells);
      const value = transaction(pending);
      pending.flush((key, text) => {
        if (text === null) this.#database.removeSync(key);
        else this.#database.putSync(key, text);
      });
      return { value };
    } catch (error) {
      return { error };
    }
  }
}

class LmdbCells implements ReadableCells {
  readonly #database: CellDatabase;

  constructor(database: CellDatabase) {
    this.#database = database;
  }

  get(key: string): string | undefined {
    return this.#database.get(key);
  }

  *range(from: string, to: string): Iterable<readonly [string, string]> {
    for (const { key, value } of this.#database.getRange({ start: from, end: to })) yield [key, value];
  }
}

function unwrap<T>(outcome: { readonly value: T } | { readonly error: unknown } | null): T {
  if (outcome === null) throw new StoreUnavailable('commit_failed', 'the embedded store did not run a transaction');
  if ('error' in outcome) throw outcome.error;
  return outcome.value;
}
