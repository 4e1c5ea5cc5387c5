import { createRedisStore } from '../../../backend/store/redis/store.ts';
import type { Counters } from '../../../backend/store/store.ts';
import { DEFAULT_RETENTION } from '../../../backend/store/windows.ts';
import { systemClock } from '../../../shared/clock.ts';
import { createLogger } from '../../../shared/log.ts';
import { PERIODS, windowEnd, windowStart } from '../../../shared/period.ts';
import type { Period } from '../../../shared/period.ts';
import type { PrivateRedis } from '../../../test/harness/redis.ts';
import { redisMemory, redisNumber, redisOn } from '../../machine/redis.ts';
import type { ScenarioOptions } from '../../stage.ts';
import type { Report } from '../../report.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** What a window holds, of the order that 1,000 a minute make of it: longer numbers take more. */
const USED: Readonly<Record<Period, bigint>> = {
  minute: 1_000n,
  hour: 60_000n,
  day: 1_440_000n,
  week: 10_080_000n,
  month: 43_200_000n,
  year: 525_600_000n,
  eternity: 1_051_200_000n,
};

/** Calls under way at once. */
const WIDTH = 64;
/** Applications before the first measurement, and between it and the second: the totals of their service are in neither. */
const BEFORE = 4;
const MEASURED = 12;

/** How often an application is used: the moments of the retention (minutes 3 hours, hours 32 days, days 2 years) with usage. */
const PATTERNS: Readonly<Record<string, (now: number) => number[]>> = {
  'in every minute': (now) => [...steps(now, MINUTE, 190), ...steps(now, HOUR, 33 * 24), ...steps(now, DAY, 735)],
  'in one hour of each day': (now) => [...steps(now, MINUTE, 60), ...steps(now, DAY, 735)],
  'in one hour of each week': (now) => [...steps(now, MINUTE, 60), ...steps(now, 7 * DAY, 105)],
  'for the first time': (now) => [now],
};

interface Size {
  readonly pattern: string;
  readonly metrics: number;
  readonly bytes: number;
  /** Of them in sets of the greatest applications of a service, which have 64 of each shard at most. */
  readonly tops: number;
  readonly keys: number;
}

/** What the counters of one application take in Redis, from real data: filled as two years of usage would. */
export async function counterMemory({ progress }: ScenarioOptions): Promise<Report> {
  const sizes: Size[] = [];
  for (const pattern of Object.keys(PATTERNS)) {
    for (const metrics of [1, 3]) {
      const size = await measure(pattern, metrics);
      sizes.push(size);
      progress(
        `${pattern}, ${metrics} metrics: ${(size.bytes / 1024).toFixed(1)} KiB (${(size.tops / 1024).toFixed(1)} in top sets) in ${size.keys.toFixed(0)} keys`,
      );
    }
  }
  return report(sizes);
}

async function measure(pattern: string, metrics: number): Promise<Size> {
  const redis = await redisOn(null);
  const log = createLogger('load', 'silent');
  const store = await createRedisStore({ url: redis.url, commandMs: 10_000 }, { clock: systemClock, log });
  try {
    const names = ofOneShard(store.counters, BEFORE + MEASURED);
    const moments = PATTERNS[pattern]?.(systemClock.now()) ?? [];
    const fill = async (some: readonly string[]): Promise<readonly [bytes: number, tops: number, keys: number]> => {
      await use(store.counters, some, moments, metrics);
      return [await redisMemory(redis), await topSets(redis), await redisNumber(redis, 'DBSIZE')];
    };
    const before = await fill(names.slice(0, BEFORE));
    const after = await fill(names.slice(BEFORE));
    const [bytes, tops, keys] = [0, 1, 2].map((index) => ((after[index] ?? 0) - (before[index] ?? 0)) / MEASURED);
    return { pattern, metrics, bytes: bytes ?? 0, tops: tops ?? 0, keys: keys ?? 0 };
  } finally {
    await store.close();
    await redis.close();
  }
}

/** Bytes of the sets of the greatest applications. */
async function topSets(redis: PrivateRedis): Promise<number> {
  const keys = (await redis.cli('KEYS', '{s??}t*')).split('\r\n').filter((line) => line.startsWith('{s'));
  let bytes = 0;
  for (const key of keys) bytes += await redisNumber(redis, 'MEMORY', 'USAGE', key);
  return bytes;
}

/** Names whose counters lie in one shard: so the totals of their service are there from the first on. */
function ofOneShard(counters: Counters, count: number): string[] {
  const names: string[] = [];
  for (let index = 0; names.length < count; index++) {
    const name = `application-${index}`;
    if (counters.shardOf({ service: 'load', application: name }) === 0) names.push(name);
  }
  return names;
}

/** Writes the windows that usage at these moments, 1,000 a minute, would have left by now. */
async function use(
  counters: Counters,
  names: readonly string[],
  moments: readonly number[],
  metrics: number,
): Promise<void> {
  const windows = PERIODS.flatMap((period) => startsOf(period, moments).map((start) => ({ period, start })));
  const seeds = names.flatMap((application) =>
    Array.from({ length: metrics }, (_, index) => `metric-${index}`).flatMap((metric) =>
      windows.map(({ period, start }) => ({ application, metric, period, start })),
    ),
  );
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let seed = seeds[next++]; seed !== undefined; seed = seeds[next++]) {
      const { application, metric, period, start } = seed;
      await counters.seed({ service: 'load', application }, { metric, period }, start, USED[period]);
    }
  };
  await Promise.all(Array.from({ length: WIDTH }, worker));
}

/** Of the windows of a period that hold some of the moments, those that are kept still. */
function startsOf(period: Period, moments: readonly number[]): number[] {
  const kept = DEFAULT_RETENTION[period] ?? Number.POSITIVE_INFINITY;
  const now = systemClock.now();
  const starts = new Set(moments.map((at) => windowStart(period, at)));
  return [...starts].filter((start) => windowEnd(period, start) + kept >= now);
}

function steps(now: number, step: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => now - index * step);
}

function report(sizes: readonly Size[]): Report {
  return {
    title: 'Redis memory of the counters of one application',
    columns: [
      'used',
      'metrics',
      'KiB of an application',
      'KiB of an application and metric',
      'in top sets, KiB',
      'keys',
    ],
    rows: sizes.map(({ pattern, metrics, bytes, tops, keys }) => [
      pattern,
      String(metrics),
      (bytes / 1_024).toFixed(1),
      (bytes / 1_024 / metrics).toFixed(1),
      (tops / 1_024).toFixed(1),
      keys.toFixed(0),
    ]),
    verdicts: [],
    notes: [
      'With the retention as it is by default: minutes 3 hours, hours 32 days, days 2 years, months for ever (here two years). What the server allocated for further applications of a service, so the totals of the service are not in it. Top sets hold 64 applications of each shard and metric at most: beyond 4,096 applications of a service they do not grow.',
    ],
    raw: sizes,
  };
}
