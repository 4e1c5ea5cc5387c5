import { canonicalJson, encodeParts, encodePrefix } from '../encoding.ts';
import type { Codec } from '../encoding.ts';
import { asJson } from '../encoding.ts';
import { StoreUnavailable } from '../store.ts';
import type {
  ApplicationRef,
  DocumentChange,
  DocumentKey,
  DocumentPage,
  Documents,
  DocumentWrite,
  Json,
  TrailEntry,
  WriteOptions,
} from '../store.ts';
import { MAX_CHANGES, MAX_TRAIL } from '../transactions/documents.ts';
import type { ChangeFeed, ChangeListener } from './change-feed.ts';
import type { Dispatcher } from './dispatcher.ts';
import { CHANGES, CHANNEL, CONFIG_TAG, DOCUMENT_INDEX, DOCUMENTS, TRAIL, TRAIL_LAST, VERSION } from './keys.ts';
import { readItem } from './logs.ts';
import { list, number, text, texts } from './replies.ts';
import { scripts } from './scripts.ts';

/** A message on the channel names at most so many keys; beyond that: anything may have changed. */
const MAX_NAMED = 1_000;

const values: Codec<Json> = asJson;
const keysOf: Codec<string[]> = asJson;
const changeLists: Codec<ApplicationRef[]> = asJson;

/** Documents in Redis: one hash, a sorted set of its keys, and a log of changes, all in one slot. */
export class RedisDocuments implements Documents {
  readonly #dispatcher: Dispatcher;
  readonly #feed: ChangeFeed;
  readonly #storeId: () => string;

  constructor(dispatcher: Dispatcher, feed: ChangeFeed, storeId: () => string) {
    this.#dispatcher = dispatcher;
    this.#feed = feed;
    this.#storeId = storeId;
  }

  async get(key: DocumentKey): Promise<Json> {
    const [value = null] = await this.getMany([key]);
    return value;
  }

  async getMany(keys: readonly DocumentKey[]): Promise<readonly Json[]> {
    if (keys.length === 0) return [];
    return this.#read(keys.map((key) => encodeParts(key)));
  }

  async write(writes: readonly DocumentWrite[], options: WriteOptions): Promise<number | null> {
    const plan = {
      expect: (options.expect ?? []).map(({ key, exists, equals }) => [
        encodeParts(key),
        exists === undefined ? -1 : Number(exists),
        equals === undefined ? false : canonicalJson(equals),
      ]),
      writes: writes.map(({ key, value }) => [encodeParts(key), value === null ? false : canonicalJson(value)]),
      keys: JSON.stringify(writes.length > MAX_NAMED ? null : writes.map(({ key }) => key)),
    };
    const entry = options.entry === undefined ? '' : JSON.stringify(options.entry);
    const changed = JSON.stringify(options.changed ?? []);
    const args = [CHANNEL, changed, String(MAX_CHANGES), JSON.stringify(plan), entry, String(MAX_TRAIL)];
    const keys = [DOCUMENTS, DOCUMENT_INDEX, VERSION, CHANGES, TRAIL, TRAIL_LAST];
    const version = number(await this.#dispatcher.run(scripts.writeDocuments, CONFIG_TAG, keys, args, true));
    if (version < 0) return null;
    this.#feed.note(
      version,
      writes.map(({ key }) => key),
    );
    return version;
  }

  async trail(offset: number, count: number): Promise<readonly TrailEntry[]> {
    if (count <= 0) return [];
    const found = texts(await this.#dispatcher.query(CONFIG_TAG, 'ZREVRANGE', [TRAIL, offset, offset + count - 1]));
    return found.map((member) => readItem(text(member)));
  }

  async list(prefix: DocumentKey, cursor: string | null, limit: number): Promise<DocumentPage> {
    const start = encodePrefix(prefix);
    const range = [cursor === null ? `[${start}` : `(${cursor}`, `(${start}~`];
    const found = texts(
      await this.#dispatcher.query(CONFIG_TAG, 'ZRANGEBYLEX', [DOCUMENT_INDEX, ...range, 'LIMIT', 0, limit + 1]),
    ).map(text);
    const page = found.slice(0, limit);
    const documents = await this.#read(page);
    const entries = page.map((key, index) => ({ key: keysOf.read(key), value: documents[index] ?? null }));
    // One that was deleted in between is left out.
    return {
      entries: entries.filter(({ value }) => value !== null),
      cursor: found.length > limit ? (page.at(-1) ?? null) : null,
    };
  }

  async version(): Promise<number> {
    const [version] = await this.#versions();
    return version;
  }

  async changesSince(version: number): Promise<readonly DocumentChange[] | null> {
    const found = texts(await this.#dispatcher.query(CONFIG_TAG, 'ZRANGEBYSCORE', [CHANGES, `(${version}`, '+inf']));
    // Read after the changes, so that a change that was forgotten meanwhile is not missed.
    const [current, forgotten] = await this.#versions();
    if (version < forgotten || version > current) return null;
    return found.map(text).flatMap((item) => {
      const space = item.indexOf(' ');
      const changed = changeLists.read(item.slice(space + 1));
      return changed.length === 0 ? [] : [{ version: Number(item.slice(0, space)), changed }];
    });
  }

  onChange(listener: ChangeListener): () => void {
    return this.#feed.subscribe(listener);
  }

  /** The store's mark is read with the documents: where it is missing, so may be all else. */
  async #read(keys: readonly string[]): Promise<Json[]> {
    const id = this.#storeId();
    const [mark, ...found] = texts(await this.#dispatcher.query(CONFIG_TAG, 'HMGET', [DOCUMENTS, '', ...keys]));
    if (mark !== id) {
      this.#feed.lost();
      throw new StoreUnavailable('store_lost', 'Redis has come back empty or is another one');
    }
    return found.map((value) => (value === null ? null : values.read(value)));
  }

  async #versions(): Promise<readonly [current: number, forgotten: number]> {
    const [version = null, forgotten = null] = texts(
      list(await this.#dispatcher.query(CONFIG_TAG, 'HMGET', [VERSION, 'version', 'forgotten'])),
    );
    return [Number(version ?? 0), Number(forgotten ?? 0)];
  }
}
