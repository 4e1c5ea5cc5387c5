import { asJson } from '../encoding.ts';
import type { Codec } from '../encoding.ts';
import { shardOf } from '../encoding.ts';
import type { DocumentKey, Json, Logs } from '../store.ts';
import type { Dispatcher } from './dispatcher.ts';
import { flagKey, logKeys, ownerKey, shardTag, SHARDS } from './keys.ts';
import { number, text, texts } from './replies.ts';
import { scripts } from './scripts.ts';

const values: Codec<Json> = asJson;

/** Lists and flags in Redis, spread over the shards. */
export class RedisLogs implements Logs {
  readonly #dispatcher: Dispatcher;

  constructor(dispatcher: Dispatcher) {
    this.#dispatcher = dispatcher;
  }

  async append(list: DocumentKey, item: Json, bound: number): Promise<number> {
    const tag = tagOf(list);
    const keys = [ownerKey(tag), ...logKeys(tag, list)];
    return number(
      await this.#dispatcher.run(scripts.appendLog, tag, keys, [JSON.stringify(item), String(bound)], false),
    );
  }

  async range(
    list: DocumentKey,
    offset: number,
    count: number,
  ): Promise<readonly { readonly id: number; readonly item: Json }[]> {
    if (count <= 0) return [];
    const tag = tagOf(list);
    const [items] = logKeys(tag, list);
    const found = texts(await this.#dispatcher.query(tag, 'ZREVRANGE', [items, offset, offset + count - 1]));
    return found.map((member) => readItem(text(member)));
  }

  async count(list: DocumentKey): Promise<number> {
    const tag = tagOf(list);
    return number(await this.#dispatcher.query(tag, 'ZCARD', [logKeys(tag, list)[0]]));
  }

  async remove(list: DocumentKey, id: number, upto: boolean): Promise<number> {
    const tag = tagOf(list);
    return number(
      await this.#dispatcher.write(tag, 'ZREMRANGEBYSCORE', [logKeys(tag, list)[0], upto ? '-inf' : id, id]),
    );
  }

  async clear(list: DocumentKey): Promise<void> {
    const tag = tagOf(list);
    await this.#dispatcher.write(tag, 'UNLINK', [logKeys(tag, list)[0]]);
  }

  async setOnce(flag: DocumentKey, milliseconds: number): Promise<boolean> {
    const tag = tagOf(flag);
    return (await this.#dispatcher.write(tag, 'SET', [flagKey(tag, flag), '1', 'NX', 'PX', milliseconds])) === 'OK';
  }

  async isSet(flag: DocumentKey): Promise<boolean> {
    const tag = tagOf(flag);
    return number(await this.#dispatcher.query(tag, 'EXISTS', [flagKey(tag, flag)])) === 1;
  }

  async clearFlag(flag: DocumentKey): Promise<void> {
    const tag = tagOf(flag);
    await this.#dispatcher.write(tag, 'UNLINK', [flagKey(tag, flag)]);
  }
}

/** A member of a list: its id, a space, the item as JSON. */
export function readItem(member: string): { readonly id: number; readonly item: Json } {
  const space = member.indexOf(' ');
  return { id: Number(member.slice(0, space)), item: values.read(member.slice(space + 1)) };
}

function tagOf(key: DocumentKey): string {
  const [service = '', ...rest] = key;
  return shardTag(shardOf({ service, application: JSON.stringify(rest) }, SHARDS));
}
