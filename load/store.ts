import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
import { createRedisStore } from '../backend/store/redis/store.ts';
import type { RedisStore } from '../backend/store/redis/store.ts';
import type { BatchEntry, BatchPart, DecideRequest } from '../backend/store/store.ts';
import { systemClock } from '../shared/clock.ts';
import { createLogger } from '../shared/log.ts';
import { startRedis } from '../test/harness/redis.ts';
import type { PrivateRedis } from '../test/harness/redis.ts';

/**
 * What the Redis store costs, on a private redis-server: Redis CPU per decision and per batch entry beside a plain
 * HINCRBY, entries applied per second by one process, and bytes per active application and metric.
 */
const { values: flags } = parseArgs({
  options: {
    decisions: { type: 'string', default: '40000' },
    entries: { type: 'string', default: '200000' },
    applications: { type: 'string', default: '10000' },
  },
});

/** How many hashes of each kind an application has that is never idle, with the retention as it is: minutes 3 hours, hours 32 days, days 731 days, months of 5 years. */
const STEADY = { m: 19, h: 97, w: 106, y: 5, e: 1 } as const;

const redis = await startRedis({ settings: [['hz', '10']] });
const store = await createRedisStore(
  { url: redis.url, commandMs: 5_000 },
  { clock: systemClock, log: createLogger('load', 'silent') },
);
const applications = Number(flags.applications);

await report('HINCRBY, 50 at a time', Number(flags.decisions), plainIncrements);
await report('decide (one metric, one limit), 50 at a time', Number(flags.decisions), decisions);
await memory('after decisions');
await report('apply, batches of 500 entries of as many applications', Number(flags.entries), batches);
await memory('after batches');
await steadyState();
await store.close();
await redis.close();

async function report(name: string, count: number, run: (count: number) => Promise<void>): Promise<void> {
  const cpu = await redisCpu(redis);
  const own = process.cpuUsage();
  const started = systemClock.monotonic();
  await run(count);
  const milliseconds = systemClock.monotonic() - started;
  const used = (await redisCpu(redis)) - cpu;
  const mine = process.cpuUsage(own);
  const each = (micros: number): string => (micros / count).toFixed(1);
  console.log(
    `${name}: ${Math.round((count / milliseconds) * 1_000)}/s, Redis ${each(used * 1e6)} us each, this process ${each(mine.user + mine.system)} us each`,
  );
}

async function redisCpu(server: PrivateRedis): Promise<number> {
  const info = await server.cli('INFO', 'cpu');
  const field = (name: string): number => Number(new RegExp(`${name}:([\\d.]+)`).exec(info)?.[1] ?? 0);
  return field('used_cpu_sys') + field('used_cpu_user');
}

async function memory(when: string): Promise<void> {
  const info = await redis.cli('INFO', 'memory');
  const used = Number(/used_memory_dataset:(\d+)/.exec(info)?.[1] ?? 0);
  const keys = Number((await redis.cli('DBSIZE')).replaceAll(/\D/g, ''));
  console.log(
    `memory ${when}: ${Math.round(used / 1_024)} KiB of data in ${keys} keys, ${Math.round(used / applications)} bytes per application`,
  );
}

/** What such an application takes: the size of a full hash of each kind, times their number. */
async function steadyState(): Promise<void> {
  const minute = 60_000;
  const end = Math.floor(systemClock.now() / (7 * 1_440 * minute)) * 7 * 1_440 * minute;
  const times = [
    ...Array.from({ length: 60 }, (_, index) => end - index * minute),
    ...Array.from({ length: 48 }, (_, index) => end - index * 60 * minute),
    ...Array.from({ length: 800 }, (_, index) => end - index * 1_440 * minute),
  ];
  for (const metrics of [1, 3]) {
    const name = `steady-${metrics}`;
    const additions = Array.from({ length: metrics }, (_, index) => ({
      metric: `metric-${index}`,
      amount: 1_000n,
      set: false,
    }));
    await inFlight(times.length, 50, async (index) =>
      store.counters.decide({ ...decision(name, times[index] ?? end), bounds: [], additions }),
    );
    const keys = (await redis.cli('KEYS', `*"${name}"]`)).split('\r\n').filter((line) => line.startsWith('{'));
    let bytes = 0;
    for (const [kind, count] of Object.entries(STEADY)) {
      const sizes: number[] = [];
      for (const key of keys.filter((each) => each[5] === kind)) sizes.push(await integer('MEMORY', 'USAGE', key));
      bytes += Math.max(...sizes) * count;
    }
    console.log(`an application that is never idle, ${metrics} metrics: ${(bytes / 1_024).toFixed(1)} KiB`);
  }
}

async function integer(...command: string[]): Promise<number> {
  return Number(/-?\d+/.exec(await redis.cli(...command))?.[0]);
}

async function plainIncrements(count: number): Promise<void> {
  const client = new Redis(redis.url);
  await inFlight(count, 50, async (index) => client.hincrby(`plain${index % applications}`, 'hits', 1));
  for (let index = 0; index < applications; index++) await client.unlink(`plain${index}`);
  await client.quit();
}

async function decisions(count: number): Promise<void> {
  const at = systemClock.now();
  await inFlight(count, 50, async (index) =>
    store.counters.decide(decision(`application-${index % applications}`, at)),
  );
}

function decision(application: string, at: number): DecideRequest {
  return {
    service: 'service-1',
    application,
    at,
    bounds: [{ metric: 'hits', period: 'minute', max: 1_000_000n }],
    additions: [{ metric: 'hits', amount: 1n, set: false }],
    reads: [],
    codes: [],
    count: true,
  };
}

async function batches(count: number): Promise<void> {
  const at = systemClock.now();
  await inFlight(Math.floor(count / 500), 4, async (sequence) => {
    const entries = Array.from({ length: 500 }, (_, index): BatchEntry =>
      entry((sequence * 500 + index * 7) % applications, at),
    );
    await store.counters.apply(split(store, sequence, entries));
  });
}

function entry(application: number, at: number): BatchEntry {
  return {
    service: 'service-1',
    application: `application-${application}`,
    at,
    additions: [{ metric: 'hits', use: 1n, take: 1n, set: false }],
    codes: [],
  };
}

function split({ counters }: RedisStore, sequence: number, entries: readonly BatchEntry[]): BatchPart[] {
  const shards = new Map<number, BatchEntry[]>();
  for (const each of entries) {
    const shard = counters.shardOf(each);
    shards.set(shard, [...(shards.get(shard) ?? []), each]);
  }
  return [...shards].map(([shard, some]) => ({
    epoch: 'e'.repeat(32),
    sequence,
    slice: 0,
    digest: String(sequence),
    floor: Math.max(0, sequence - 8),
    shard,
    entries: some,
  }));
}

/** Runs `count` tasks, `width` at a time. */
async function inFlight(count: number, width: number, task: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await task(next++);
  };
  await Promise.all(Array.from({ length: width }, worker));
}
