import { PERIODS, windowStart } from '../../../shared/period.ts';
import type { Period } from '../../../shared/period.ts';
import { shardOf } from '../encoding.ts';
import { byUsage, readCursor, writeCursor } from '../listing.ts';
import type { Accounts, ApplicationRef, Counter } from '../store.ts';
import { checkTop } from '../validation.ts';
import { MAX_TOP, serviceWindows } from '../windows.ts';
import type { Retention } from '../windows.ts';
import type { Dispatcher } from './dispatcher.ts';
import {
  activeKey,
  fieldName,
  HASH_OF,
  momentOf,
  nameOf,
  ownerName,
  shardTag,
  SHARD_TAGS,
  SHARDS,
  topKey,
} from './keys.ts';
import { text, texts } from './replies.ts';

interface SeriesQuery {
  readonly service: string;
  readonly application: string | null;
  readonly counter: Counter;
  readonly period: Period;
  readonly starts: readonly number[];
}

/** Fields of one hash, and which value of the series each adds to. */
interface HashRead {
  readonly key: string;
  readonly fields: string[];
  readonly indexes: number[];
}

/** `tags`: the shard to read; null: all. */
export async function readSeries(
  dispatcher: Dispatcher,
  retention: Retention,
  tags: readonly string[] | null,
  query: SeriesQuery,
): Promise<bigint[]> {
  const reads = [...hashReads(query, retention).values()];
  const sums = query.starts.map(() => 0n);
  for (const tag of tags ?? SHARD_TAGS) {
    await Promise.all(
      reads.map(async ({ key, fields, indexes }) => {
        const values = texts(await dispatcher.query(tag, 'HMGET', [tag + key, ...fields]));
        for (const [at, index] of indexes.entries()) sums[index] = (sums[index] ?? 0n) + BigInt(values[at] ?? 0);
      }),
    );
  }
  return sums;
}

function hashReads(query: SeriesQuery, retention: Retention): ReadonlyMap<string, HashRead> {
  const { service, application, counter, period, starts } = query;
  const name = 'metric' in counter ? `u${fieldName(counter.metric)}` : `c${fieldName(counter.code)}`;
  const owner = ownerName(service, application);
  const reads = new Map<string, HashRead>();
  for (const [index, start] of starts.entries()) {
    for (const window of application === null ? serviceWindows(period, start) : [{ period, start }]) {
      const { key, slot } = locate(window.period, window.start, owner, retention);
      const read = reads.get(key) ?? { key, fields: [], indexes: [] };
      read.fields.push(slot + name);
      read.indexes.push(index);
      reads.set(key, read);
    }
  }
  return reads;
}

function locate(
  period: Period,
  start: number,
  owner: string,
  retention: Retention,
): { readonly key: string; readonly slot: string } {
  const { hashes, slots } = momentOf(start, retention);
  return { key: (hashes[HASH_OF[period]]?.prefix ?? '') + owner, slot: slots[PERIODS.indexOf(period)] ?? '' };
}

interface TopQuery {
  readonly service: string;
  readonly metric: string;
  readonly period: Period;
  readonly start: number;
  readonly count: number;
}

/** How far a counter may be ahead of its place in a top set: scripts/include/top.lua. */
const LAG = 1 + 1 / 16;

export async function readTop(
  dispatcher: Dispatcher,
  retention: Retention,
  query: TopQuery,
): Promise<readonly { readonly application: string; readonly value: bigint }[]> {
  const { service, metric, period, start } = query;
  checkTop(period);
  const count = Math.min(query.count, MAX_TOP);
  const ranked = await Promise.all(
    SHARD_TAGS.map(async (tag) => {
      const key = topKey(tag, service, metric, period, windowStart(period, start));
      return scored(texts(await dispatcher.query(tag, 'ZRANGE', [key, 0, count - 1, 'REV', 'WITHSCORES'])));
    }),
  );
  const candidates = ranked.flat().toSorted((a, b) => b.score - a.score);
  const threshold = candidates[count - 1]?.score ?? 0;
  const values = await Promise.all(
    candidates
      .filter(({ score }) => score * LAG >= threshold)
      .map(async ({ application }) => {
        const tag = shardTag(shardOf({ service, application }, SHARDS));
        const { key, slot } = locate(period, start, ownerName(service, application), retention);
        const [value = null] = texts(await dispatcher.query(tag, 'HMGET', [tag + key, `${slot}u${fieldName(metric)}`]));
        return { application, value: BigInt(value ?? 0) };
      }),
  );
  return values
    .filter(({ value }) => value > 0n)
    .toSorted(byUsage)
    .slice(0, count);
}

function scored(reply: readonly (string | null)[]): { readonly application: string; readonly score: number }[] {
  const found: { application: string; score: number }[] = [];
  for (let at = 0; at + 1 < reply.length; at += 2) {
    found.push({ application: reply[at] ?? '', score: Number(reply[at + 1]) });
  }
  return found;
}

export async function readAccounts(
  dispatcher: Dispatcher,
  retention: Retention,
  tag: string,
  { service, application }: ApplicationRef,
  at: number,
): Promise<Accounts[]> {
  const { hashes, slots } = momentOf(windowStart('minute', at), retention);
  const owner = ownerName(service, application);
  const contents = await Promise.all(
    hashes.map(async ({ prefix }) => fieldsOf(texts(await dispatcher.query(tag, 'HGETALL', [tag + prefix + owner])))),
  );
  return PERIODS.flatMap((period, index) => {
    const fields = contents[HASH_OF[period]] ?? new Map<string, string>();
    const slot = slots[index] ?? '';
    const names = [...fields.keys()].filter((field) => field.startsWith(`${slot}u`) || field.startsWith(`${slot}t`));
    return [...new Set(names.map((field) => field.slice(2)))].map((name) => {
      const used = BigInt(fields.get(`${slot}u${name}`) ?? 0);
      const taken = fields.get(`${slot}t${name}`);
      return { metric: nameOf(name), period, used, taken: taken === undefined ? used : BigInt(taken) };
    });
  });
}

function fieldsOf(reply: readonly (string | null)[]): Map<string, string> {
  const fields = new Map<string, string>();
  for (let at = 0; at + 1 < reply.length; at += 2) fields.set(reply[at] ?? '', reply[at + 1] ?? '');
  return fields;
}

export async function readActive(
  dispatcher: Dispatcher,
  service: string,
  cursor: string | null,
  limit: number,
): Promise<{ readonly applications: readonly string[]; readonly cursor: string | null }> {
  const [first, after] = readCursor(cursor);
  const applications: string[] = [];
  for (let shard = first; shard < SHARDS; shard++) {
    const tag = shardTag(shard);
    const from = shard === first && after !== null ? `(${after}` : '-';
    const missing = limit - applications.length;
    const args = [activeKey(tag, service), from, '+', 'LIMIT', 0, missing];
    applications.push(...texts(await dispatcher.query(tag, 'ZRANGEBYLEX', args)).map(text));
    if (applications.length >= limit) return { applications, cursor: writeCursor(shard, applications.at(-1) ?? '') };
  }
  return { applications, cursor: null };
}
