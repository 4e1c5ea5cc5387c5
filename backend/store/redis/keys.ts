import { PERIODS, windowEnd, windowStart } from '../../../shared/period.ts';
import type { Period } from '../../../shared/period.ts';
import { encodeParts } from '../encoding.ts';
import type { ApplicationRef, DocumentKey } from '../store.ts';
import type { Retention } from '../windows.ts';

/**
 * The layout in Redis. Everything of an application lies under the hash tag of its shard, all configuration under one
 * tag, so that every script finds its keys in one slot of a cluster.
 */
export const SHARDS = 64;

export const CONFIG_TAG = '{config}';
export const DOCUMENTS = `${CONFIG_TAG}documents`;
export const DOCUMENT_INDEX = `${CONFIG_TAG}index`;
export const VERSION = `${CONFIG_TAG}version`;
export const CHANGES = `${CONFIG_TAG}changes`;
/** What was said of the changes: its entries, and the id of the last one. */
export const TRAIL = `${CONFIG_TAG}trail`;
export const TRAIL_LAST = `${CONFIG_TAG}trail-last`;
export const CHANNEL = `${CONFIG_TAG}channel`;
/** Hash: id of the store; founded (1 once every shard has it); generation (raised when an operator accepts a loss). */
export const STORE = `${CONFIG_TAG}store`;
export const LIVING = `${CONFIG_TAG}living`;

export function shortKey(epoch: string): string {
  return `${CONFIG_TAG}short${encodeParts([epoch])}`;
}

export const SHARD_TAGS: readonly string[] = Array.from(
  { length: SHARDS },
  (_, shard) => `{s${String(shard).padStart(2, '0')}}`,
);

/** The tag of a shard; throws a RangeError when there is none. */
export function shardTag(shard: number): string {
  const tag = SHARD_TAGS[shard];
  if (tag === undefined) throw new RangeError(`there is no shard ${shard}`);
  return tag;
}

export function ownerKey(tag: string): string {
  return `${tag}owner`;
}

export function activeKey(tag: string, service: string): string {
  return `${tag}a${encodeParts([service])}`;
}

export function marksKey(tag: string, epoch: string): string {
  return `${tag}k${encodeParts([epoch])}`;
}

export function leaseId(epoch: string, number: number): string {
  return encodeParts([epoch, number]);
}

export function leaseKey(tag: string, id: string): string {
  return `${tag}l${id}`;
}

export function leaseIndexKey(tag: string): string {
  return `${tag}leases`;
}

export function holdersKey(tag: string, { service, application }: ApplicationRef): string {
  return `${tag}o${encodeParts([service, application])}`;
}

export function logKeys(tag: string, list: DocumentKey): readonly [items: string, lastId: string] {
  return [`${tag}g${encodeParts(list)}`, `${tag}i${encodeParts(list)}`];
}

export function flagKey(tag: string, flag: DocumentKey): string {
  return `${tag}b${encodeParts(flag)}`;
}

/** The greatest applications of a service in one window. */
export function topKey(tag: string, service: string, metric: string, period: Period, start: number): string {
  return `${tag}t${PERIODS.indexOf(period)}.${(start / 60_000).toString(36)}${encodeParts([service, metric])}`;
}

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MINUTES_PER_HASH = 10;
const HOURS_PER_HASH = 8;

/** One of the five hashes that hold an application's (or service's) counters: small enough for Redis to pack them. */
export interface WindowHash {
  /** Begins the key; what follows is the owner's encoding. */
  readonly prefix: string;
  /** When it may go, seconds since the epoch; null: never. */
  readonly expires: number | null;
}

/** Where the counters of one moment lie: five hashes, and in them the slot of each of the seven periods. */
export interface Moment {
  readonly hashes: readonly WindowHash[];
  /** One character for each period, smallest first. */
  readonly slots: readonly string[];
}

/** Which of the five hashes holds a period. */
export const HASH_OF: Readonly<Record<Period, number>> = {
  minute: 0,
  hour: 1,
  day: 2,
  week: 2,
  month: 3,
  year: 3,
  eternity: 4,
};

export function momentOf(at: number, retention: Retention): Moment {
  const minutes = at - (at % (MINUTES_PER_HASH * MINUTE));
  const hours = at - (at % (HOURS_PER_HASH * HOUR));
  const week = windowStart('week', at);
  const year = new Date(at).getUTCFullYear();
  const month = new Date(at).getUTCMonth();
  const slots = [(at - minutes) / MINUTE, (at - hours) / HOUR, (at - week) / DAY].map((index) =>
    String(Math.floor(index)),
  );
  return {
    hashes: [
      {
        prefix: `m${(minutes / MINUTE).toString(36)}`,
        expires: expiry(minutes + MINUTES_PER_HASH * MINUTE, retention.minute),
      },
      { prefix: `h${(hours / HOUR).toString(36)}`, expires: expiry(hours + HOURS_PER_HASH * HOUR, retention.hour) },
      {
        prefix: `w${(week / DAY).toString(36)}`,
        expires: expiry(week + 7 * DAY, longest(retention.day, retention.week)),
      },
      { prefix: `y${year}`, expires: expiry(windowEnd('year', at), longest(retention.month, retention.year)) },
      { prefix: 'e', expires: null },
    ],
    slots: [...slots, 'w', month.toString(36), 'y', 'e'],
  };
}

function longest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : Math.max(a, b);
}

function expiry(end: number, kept: number | null): number | null {
  return kept === null ? null : Math.ceil((end + kept) / 1_000);
}

/** Key of one of the five hashes; `owner` is `ownerName`. */
export function windowKey(tag: string, hash: WindowHash, owner: string): string {
  return tag + hash.prefix + owner;
}

/** An application (or, null, the service as a whole) as it stands in the keys of windows. */
export function ownerName(service: string, application: string | null): string {
  return encodeParts(application === null ? [service] : [service, application]);
}

/** ASCII that JSON does not escape. */
const PLAIN = /^[ !#-[\]-\x7f]*$/;

/** A metric or code as it stands in a field: itself, or its JSON text where that differs in more than the quotes. */
export function fieldName(name: string): string {
  return PLAIN.test(name) ? name : JSON.stringify(name);
}

/** Reads a field's name back. */
export function nameOf(field: string): string {
  if (!field.startsWith('"')) return field;
  const name: unknown = JSON.parse(field);
  return String(name);
}
