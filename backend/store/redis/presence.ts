import { randomUUID } from 'node:crypto';
import type { Logger } from '../../../shared/log.ts';
import { StoreUnavailable } from '../store.ts';
import type { Dispatcher } from './dispatcher.ts';
import { CONFIG_TAG, DOCUMENTS, ownerKey, SHARD_TAGS, STORE, VERSION } from './keys.ts';
import { text, texts } from './replies.ts';

/** Version of the layout of the data; a store with a newer one is refused. */
const FORMAT = 1;

/** What Redis holds of the store's identity. */
interface Found {
  readonly id: string | null;
  readonly founded: boolean;
  readonly generation: number;
  readonly format: number;
  /** In the order of the tags: the configuration, then the shards. */
  readonly marks: readonly (string | null)[];
}

/**
 * Is this our store? It is marked, in the configuration and in every shard, when it is founded: the first time that a
 * process which has seen no store finds Redis empty. From then on a missing mark means that data was lost, which is an
 * outage and not "nobody is known", until an operator accepts the loss.
 */
export class Presence {
  readonly #dispatcher: () => Dispatcher;
  readonly #log: Logger;
  /** The store that this process has seen; kept until it ends. */
  #id: string | null = null;
  #generation = 0;
  #problem: StoreUnavailable | null = new StoreUnavailable('connecting', 'the connection to Redis is not made yet');
  #checking: Promise<void> | null = null;

  constructor(dispatcher: () => Dispatcher, log: Logger) {
    this.#dispatcher = dispatcher;
    this.#log = log;
  }

  get problem(): StoreUnavailable | null {
    return this.#problem;
  }

  /** Id of the store that this process has seen; empty before it has. */
  get known(): string {
    return this.#id ?? '';
  }

  get generation(): number {
    return this.#generation;
  }

  /** Id of the store; throws a StoreUnavailable while it is not all there. */
  id(): string {
    if (this.#problem !== null) throw new StoreUnavailable(this.#problem.code, this.#problem.message);
    return this.#id ?? '';
  }

  /** Looks whether all marks are there. Never rejects. */
  check(): Promise<void> {
    this.#checking ??= this.#check()
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#checking = null;
      });
    return this.#checking;
  }

  /** An operator accepts that what is not there is lost: it is marked again, and grants are frozen where it was. `version` is one that no reader has seen. */
  async acceptLoss(version: number): Promise<void> {
    const found = await this.#find();
    const id = this.#id ?? found.id ?? randomUUID();
    this.#id = id;
    await this.#mark(id, 'lost');
    const generation = Math.max(this.#generation, found.generation) + 1;
    await this.#write(STORE, 'HSET', ['id', id, 'founded', 1, 'format', FORMAT, 'generation', generation]);
    const known = Number(text((await this.#dispatcher().queryAnyway(CONFIG_TAG, 'HGET', [VERSION, 'version'])) ?? '0'));
    await this.#write(VERSION, 'HSET', [
      'version',
      Math.max(version, known + 1),
      'forgotten',
      Math.max(version, known + 1),
    ]);
    await this.check();
  }

  async #check(): Promise<void> {
    const found = await this.#find();
    if (found.format > FORMAT) {
      const message = `the data in Redis is of version ${found.format}, and this program knows ${FORMAT}: run a newer one`;
      this.#conclude(new StoreUnavailable('newer_data', message));
      return;
    }
    const isEmpty = found.id === null && found.marks.every((mark) => mark === null);
    if (this.#id === null && (isEmpty || (found.id !== null && !found.founded))) {
      await this.#found(found.id ?? randomUUID());
      return;
    }
    this.#id ??= found.id;
    this.#generation = found.generation;
    this.#conclude(this.#judge(found));
  }

  #judge(found: Found): StoreUnavailable | null {
    if (found.id !== null && found.id !== this.#id) {
      const message = 'Redis holds another store than the one seen before: restart the backends if that is meant';
      return new StoreUnavailable('store_replaced', message);
    }
    const missing = found.marks.filter((mark) => mark !== this.#id).length;
    if (found.id === this.#id && missing === 0) return null;
    const what =
      missing === found.marks.length
        ? 'Redis has come back empty'
        : `${missing} of ${found.marks.length} parts of the store are missing`;
    return new StoreUnavailable(
      'store_lost',
      `${what}: restore its data, or accept the loss (tallygate store accept-loss)`,
    );
  }

  /** Many processes may do this at the same time: the first one's id stays. */
  async #found(candidate: string): Promise<void> {
    await this.#write(STORE, 'HSETNX', ['id', candidate]);
    const id = text(await this.#dispatcher().queryAnyway(CONFIG_TAG, 'HGET', [STORE, 'id']));
    await this.#mark(id, '');
    await this.#write(STORE, 'HSET', ['format', FORMAT, 'founded', 1]);
    this.#id = id;
    this.#generation = (await this.#find()).generation;
    this.#log.info({ store: id }, 'Redis was empty: a new store was founded');
    this.#conclude(null);
  }

  /** Puts the mark where there is none. `run` is what the fence of a shard begins with: '' freezes nothing. */
  async #mark(id: string, run: string): Promise<void> {
    await this.#write(DOCUMENTS, 'HSETNX', ['', id]);
    await Promise.all(
      SHARD_TAGS.map(async (tag) => {
        const dispatcher = this.#dispatcher();
        const [store] = texts(await dispatcher.queryAnyway(tag, 'HMGET', [ownerKey(tag), 'store']));
        if (store === null)
          await dispatcher.writeAnyway(tag, 'HSET', [ownerKey(tag), 'store', id, 'run', run, 'frozen', 0]);
      }),
    );
  }

  async #find(): Promise<Found> {
    const dispatcher = this.#dispatcher();
    const [about, config, ...shards] = await Promise.all([
      dispatcher.queryAnyway(CONFIG_TAG, 'HMGET', [STORE, 'id', 'founded', 'generation', 'format']),
      dispatcher.queryAnyway(CONFIG_TAG, 'HGET', [DOCUMENTS, '']),
      ...SHARD_TAGS.map((tag) => dispatcher.queryAnyway(tag, 'HGET', [ownerKey(tag), 'store'])),
    ]);
    const [id = null, founded = null, generation = null, format = null] = texts(about);
    return {
      id,
      founded: founded === '1',
      generation: Number(generation ?? 0),
      format: Number(format ?? 0),
      marks: texts([config, ...shards]),
    };
  }

  async #write(key: string, command: string, args: readonly (string | number)[]): Promise<void> {
    await this.#dispatcher().writeAnyway(CONFIG_TAG, command, [key, ...args]);
  }

  #conclude(problem: StoreUnavailable | null): void {
    const before = this.#problem;
    this.#problem = problem;
    if (problem !== null && before?.code !== problem.code)
      this.#log.error({ code: problem.code, err: problem }, 'the store cannot be used');
    if (problem === null && before !== null && before.code.startsWith('store_'))
      this.#log.info('the store is whole again');
  }

  /** Redis did not answer: that is the connection's problem to tell, and no verdict on the store, unless there is none yet. */
  #fail(error: unknown): void {
    if (this.#id === null) {
      this.#problem = error instanceof StoreUnavailable ? error : new StoreUnavailable('error', String(error));
    }
  }
}
