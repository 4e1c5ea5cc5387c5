import { windowEnd, windowStart } from '../../../shared/period.ts';
import type { Period } from '../../../shared/period.ts';
import { shardOf } from '../encoding.ts';
import { TOP_PERIODS } from '../windows.ts';
import type { Retention } from '../windows.ts';
import type { Dispatcher } from './dispatcher.ts';
import {
  activeKey,
  holdersKey,
  leaseKey,
  momentOf,
  nameOf,
  ownerName,
  shardTag,
  SHARD_TAGS,
  SHARDS,
  topKey,
} from './keys.ts';
import { text, texts } from './replies.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Usage may be dated so far ahead of the clock, ms. */
const AHEAD = 2 * DAY;
const KEYS_AT_A_TIME = 500;
const APPLICATIONS_AT_A_TIME = 100;
/** Where a period is kept for ever, its windows are deleted back to this: nothing was counted before. */
const BEGINNING = Date.UTC(2000, 0, 1);

/**
 * Deletes counters. Redis has no list of an application's keys, and needs none: what can be there follows from the
 * retention.
 */
export async function removeCounters(
  dispatcher: Dispatcher,
  retention: Retention,
  now: number,
  service: string,
  application: string | null,
): Promise<void> {
  const prefixes = possiblePrefixes(retention, now);
  if (application !== null) {
    await removeApplications(
      dispatcher,
      shardTag(shardOf({ service, application }, SHARDS)),
      service,
      [application],
      prefixes,
    );
    return;
  }
  for (const tag of SHARD_TAGS) {
    for (;;) {
      const args = [activeKey(tag, service), '-', '+', 'LIMIT', 0, APPLICATIONS_AT_A_TIME];
      const some = texts(await dispatcher.query(tag, 'ZRANGEBYLEX', args)).map(text);
      if (some.length === 0) break;
      await removeApplications(dispatcher, tag, service, some, prefixes);
    }
    await removeTotals(dispatcher, tag, service, retention, now, prefixes);
  }
}

/** The applications of one shard, and last that they were active, so that a removal that broke off can be repeated. */
async function removeApplications(
  dispatcher: Dispatcher,
  tag: string,
  service: string,
  applications: readonly string[],
  prefixes: readonly string[],
): Promise<void> {
  for (const application of applications) {
    const owner = ownerName(service, application);
    const holders = holdersKey(tag, { service, application });
    const leases = texts(await dispatcher.query(tag, 'HKEYS', [holders])).map((id) => leaseKey(tag, text(id)));
    await unlink(dispatcher, tag, [...prefixes.map((prefix) => tag + prefix + owner), ...leases, holders]);
  }
  await dispatcher.write(tag, 'ZREM', [activeKey(tag, service), ...applications]);
}

async function removeTotals(
  dispatcher: Dispatcher,
  tag: string,
  service: string,
  retention: Retention,
  now: number,
  prefixes: readonly string[],
): Promise<void> {
  const owner = ownerName(service, null);
  const fields = texts(await dispatcher.query(tag, 'HKEYS', [`${tag}e${owner}`])).map(text);
  const metrics = fields.filter((field) => field[1] === 'u').map((field) => nameOf(field.slice(2)));
  const tops = metrics.flatMap((metric) =>
    TOP_PERIODS.flatMap((period) =>
      windowStarts(period, retention, now).map((start) => topKey(tag, service, metric, period, start)),
    ),
  );
  await unlink(dispatcher, tag, [...tops, ...prefixes.map((prefix) => tag + prefix + owner)]);
}

async function unlink(dispatcher: Dispatcher, tag: string, keys: readonly string[]): Promise<void> {
  for (let at = 0; at < keys.length; at += KEYS_AT_A_TIME) {
    await dispatcher.write(tag, 'UNLINK', keys.slice(at, at + KEYS_AT_A_TIME));
  }
}

/** Every prefix under which an owner may have a hash of counters. */
function possiblePrefixes(retention: Retention, now: number): readonly string[] {
  const prefixes = new Set<string>(['e']);
  const periods = ['minute', 'hour', 'day', 'week', 'month', 'year'] as const;
  for (const [index, step] of [10 * 60_000, 8 * HOUR, DAY, DAY, 28 * DAY, 365 * DAY].entries()) {
    const hash = [0, 1, 2, 2, 3, 3][index] ?? 0;
    for (let at = oldest(retention[periods[index] ?? 'minute'], now, step); at <= now + AHEAD; at += step) {
      prefixes.add(momentOf(at, retention).hashes[hash]?.prefix ?? '');
    }
    prefixes.add(momentOf(now + AHEAD, retention).hashes[hash]?.prefix ?? '');
  }
  return [...prefixes];
}

function windowStarts(period: Period, retention: Retention, now: number): number[] {
  if (period === 'eternity') return [0];
  const starts: number[] = [];
  for (
    let at = windowStart(period, oldest(retention[period], now, 366 * DAY));
    at <= now + AHEAD;
    at = windowEnd(period, at)
  ) {
    starts.push(at);
  }
  return starts;
}

function oldest(kept: number | null, now: number, step: number): number {
  return Math.max(BEGINNING, kept === null ? BEGINNING : now - kept - 2 * step - 8 * DAY);
}
