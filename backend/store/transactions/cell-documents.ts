import type {
  DocumentChange,
  DocumentKey,
  DocumentPage,
  Documents,
  DocumentWrite,
  Json,
  TrailEntry,
  WriteOptions,
} from '../store.ts';
import { listDocuments, readChanges, readDocument, readTrail, readVersion, writeDocuments } from './documents.ts';
import { COMMON } from './runner.ts';
import type { Runner } from './runner.ts';

type ChangeListener = (version: number | null, keys: readonly DocumentKey[]) => void;

/** Documents on cells, in one process: listeners hear of every change as soon as it is durable. */
export class CellDocuments implements Documents {
  readonly #runner: Runner;
  readonly #listeners = new Set<ChangeListener>();

  constructor(runner: Runner) {
    this.#runner = runner;
  }

  async get(key: DocumentKey): Promise<Json> {
    return this.#runner.read(COMMON, (cells) => readDocument(cells, key));
  }

  async getMany(keys: readonly DocumentKey[]): Promise<readonly Json[]> {
    return this.#runner.read(COMMON, (cells) => keys.map((key) => readDocument(cells, key)));
  }

  async write(writes: readonly DocumentWrite[], options: WriteOptions): Promise<number | null> {
    const version = await this.#runner.write(COMMON, (cells) => writeDocuments(cells, writes, options));
    if (version !== null)
      this.notify(
        version,
        writes.map(({ key }) => key),
      );
    return version;
  }

  async trail(offset: number, count: number): Promise<readonly TrailEntry[]> {
    return this.#runner.read(COMMON, (cells) => readTrail(cells, offset, count));
  }

  async list(prefix: DocumentKey, cursor: string | null, limit: number): Promise<DocumentPage> {
    return this.#runner.read(COMMON, (cells) => listDocuments(cells, prefix, cursor, limit));
  }

  async version(): Promise<number> {
    return this.#runner.read(COMMON, readVersion);
  }

  async changesSince(version: number): Promise<readonly DocumentChange[] | null> {
    return this.#runner.read(COMMON, (cells) => readChanges(cells, version));
  }

  onChange(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** `version` null: anything may have changed. */
  notify(version: number | null, keys: readonly DocumentKey[]): void {
    for (const listener of this.#listeners) listener(version, keys);
  }
}
