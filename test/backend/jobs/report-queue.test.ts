import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterEach, expect, test } from 'vitest';
import { AddFailed } from '../../../backend/jobs/producer.ts';
import { QUEUE_PREFIX, QUEUE_SLOT, REPORTS, REPORT_OPTIONS } from '../../../backend/jobs/queues.ts';
import { encodeReport } from '../../../backend/jobs/report-job.ts';
import { ReportQueue } from '../../../backend/jobs/report-queue.ts';
import { MAX_OPEN } from '../../../backend/jobs/report-sequence.ts';
import { ReportWorker } from '../../../backend/jobs/report-worker.ts';
import { StoreUnavailable } from '../../../backend/store/store.ts';
import type { BatchEntry } from '../../../backend/store/store.ts';
import { systemClock } from '../../../shared/clock.ts';
import { Fault } from '../../../shared/errors.ts';
import { until } from '../../harness/latch.ts';
import { startRedis } from '../../harness/redis.ts';
import type { PrivateRedis, RedisOptions } from '../../harness/redis.ts';
import { counted, depsOf, entryOf, makeParts } from './parts.ts';
import type { Parts } from './parts.ts';

const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

interface Setup extends Parts {
  readonly redis: PrivateRedis;
  readonly queue: ReportQueue;
  /** Starts a worker. */
  readonly work: () => void;
}

async function setup(options: RedisOptions = {}, waitReplicas: number | null = null): Promise<Setup> {
  const parts = makeParts();
  const redis = await startRedis(options);
  stops.push(() => redis.close());
  const config = { kind: 'redis' as const, url: redis.url, waitReplicas };
  const queue = new ReportQueue(config, depsOf(parts));
  stops.push(() => queue.stop());
  await until(() => queue.reachable, 'the queue is connected');
  return {
    ...parts,
    redis,
    queue,
    work: () => {
      const timings = { lockMs: 500, stalledCheckMs: 200 };
      const worker = new ReportWorker(config, { ...depsOf(parts), timings });
      stops.push(() => worker.stop());
    },
  };
}

function rawQueue(redis: PrivateRedis): Queue {
  const connection = new Redis(redis.url);
  const queue = new Queue(REPORTS, { connection, prefix: QUEUE_PREFIX });
  stops.push(async () => {
    await queue.close();
    connection.disconnect();
  });
  return queue;
}

test('what is accepted is applied, once, and its applications are named', async () => {
  const { queue, store, touched, work } = await setup();
  await queue.accept([entryOf('a'), entryOf('b', 5n)]);
  await queue.accept([entryOf('a', 10n)]);
  expect(await counted(store)).toBe(0n);
  work();
  await queue.drain();
  expect([await counted(store, 'a'), await counted(store, 'b'), await counted(store)]).toEqual([11n, 5n, 16n]);
  expect(touched.toSorted()).toEqual(['a', 'a', 'b']);
});

test('a report that is in the queue twice counts once', async () => {
  const { queue, store, redis, metrics, work } = await setup();
  const job = encodeReport({ epoch: 'e'.repeat(32), sequence: 0, floor: 0 }, [entryOf('a', 7n)]);
  const raw = rawQueue(redis);
  await raw.add('report', job, REPORT_OPTIONS);
  await raw.add('report', job, REPORT_OPTIONS);
  work();
  await queue.drain();
  expect(await counted(store)).toBe(7n);
  const { body } = await metrics.scrape();
  expect(body).toContain('tallygate_reports_applied_total{result="repeat"} 1');
});

test('a report that can never be applied is set aside, seen, and holds nothing up', async () => {
  const { queue, store, redis, lines, metrics, work } = await setup();
  const raw = rawQueue(redis);
  await raw.add('report', { v: 1, entries: 'poison' }, REPORT_OPTIONS);
  const identity = { epoch: 'e'.repeat(32), sequence: 0, floor: 0 };
  await raw.add('report', encodeReport(identity, [entryOf('a', 7n)]), REPORT_OPTIONS);
  await raw.add('report', encodeReport(identity, [entryOf('a', 8n)]), REPORT_OPTIONS);
  await queue.accept([entryOf('b')]);
  work();
  await queue.drain();
  expect(await counted(store, 'b')).toBe(1n);
  expect([7n, 8n]).toContain(await counted(store, 'a'));
  expect(lines.filter((line) => line.includes('set aside'))).toHaveLength(2);
  const { body } = await metrics.scrape();
  expect(body).toContain('tallygate_reports_failed 2');
  expect(body).toContain('tallygate_reports_applied_total{result="set_aside"} 2');
});

test('an entry that overflows is kept as an integration error; the rest counts', async () => {
  const { queue, store, errors, work } = await setup();
  const { counters } = store;
  const shardOf = (application: string) => counters.shardOf({ service: 'shop', application });
  const other = ['b', 'c', 'd', 'e', 'f', 'g'].find((name) => shardOf(name) !== shardOf('a')) ?? '';
  work();
  await queue.accept([entryOf('a', 2n ** 63n - 1n)]);
  await queue.drain();
  await queue.accept([entryOf('a', 5n), entryOf(other, 5n)]);
  await queue.drain();
  expect(await counted(store, other)).toBe(5n);
  expect(errors).toEqual([{ service: 'shop', code: 'usage_not_counted' }]);
});

test('while the store is away reports wait; when it is back they are applied without a restart', async () => {
  const { queue, store, lines, work } = await setup();
  store.stop();
  work();
  await queue.accept([entryOf('a')]);
  await until(() => lines.some((line) => line.includes('cannot apply reports')), 'the worker told of the outage');
  store.start();
  await queue.drain();
  expect(await counted(store)).toBe(1n);
  expect(lines.filter((line) => line.includes('cannot apply reports'))).toHaveLength(1);
  expect(lines.filter((line) => line.includes('applies reports again'))).toHaveLength(1);
});

test('completed reports are known, so that far more than 1,024 need one epoch', async () => {
  const { queue, store, metrics, redis, work } = await setup();
  work();
  for (let i = 0; i < 4; i++) {
    await Promise.all(Array.from({ length: MAX_OPEN / 2 }, () => queue.accept([entryOf('a')])));
    await queue.drain();
    await until(async () => (await metrics.scrape()).body.includes('tallygate_reports_open 0'), 'all are known');
  }
  expect(await counted(store)).toBe(BigInt(MAX_OPEN * 2));
  expect(await redis.cli('KEYS', '*reports:[0-9]*')).toBe('*0\r\n');
});

test('a Redis that is full refuses reports with 503; nothing is counted, and it goes on when there is room', async () => {
  const { queue, store, redis, work } = await setup();
  work();
  await redis.cli('CONFIG', 'SET', 'maxmemory', '1');
  await expect(queue.accept([entryOf('a')])).rejects.toMatchObject({ code: 'queue_full' });
  await expect(queue.accept([entryOf('a')])).rejects.toBeInstanceOf(Fault);
  await redis.cli('CONFIG', 'SET', 'maxmemory', '0');
  await queue.accept([entryOf('a')]);
  await queue.drain();
  expect(await counted(store)).toBe(1n);
});

/** False: it was certainly not added. */
async function isTakenOver(queue: ReportQueue, entry: BatchEntry): Promise<boolean> {
  try {
    await queue.accept([entry]);
    return true;
  } catch (error) {
    if (error instanceof AddFailed && !error.uncertain) return false;
    throw error;
  }
}

test('a Redis that does not answer is an outage within a time-out; what it accepted is applied when it is back', async () => {
  const { queue, store, redis, work } = await setup({ appendonly: true, appendfsync: 'always' });
  await queue.accept([entryOf('a')]);
  redis.pause();
  const start = systemClock.monotonic();
  await expect(queue.accept([entryOf('b')])).rejects.toBeInstanceOf(StoreUnavailable);
  expect(systemClock.monotonic() - start).toBeLessThan(2_000);
  redis.resume();
  await redis.kill();
  await expect(queue.accept([entryOf('c')])).rejects.toBeInstanceOf(StoreUnavailable);
  await redis.start();
  // Its connection may look well for a moment after the other end is gone; what is refused then was not added.
  await until(async () => isTakenOver(queue, entryOf('d')), 'the queue takes reports over again');
  work();
  await queue.drain();
  expect([await counted(store, 'a'), await counted(store, 'c'), await counted(store, 'd')]).toEqual([1n, 0n, 1n]);
});

test('a queue that is made while Redis is away works when it comes', async () => {
  const parts = makeParts();
  const redis = await startRedis();
  stops.push(() => redis.close());
  await redis.kill();
  const queue = new ReportQueue({ kind: 'redis', url: redis.url, waitReplicas: null }, depsOf(parts));
  stops.push(() => queue.stop());
  await expect(queue.accept([entryOf('a')])).rejects.toBeInstanceOf(StoreUnavailable);
  await redis.start();
  await until(() => queue.reachable, 'the queue is connected');
  await queue.accept([entryOf('a')]);
});

test('a report that too few replicas have is taken back', async () => {
  const { queue, store, work } = await setup({}, 1);
  await expect(queue.accept([entryOf('a')])).rejects.toMatchObject({ uncertain: false });
  work();
  await queue.drain();
  expect(await counted(store)).toBe(0n);
});

test('a report that the replica that was seen lacks is taken back, without a setting', async () => {
  const { queue, redis, store, work } = await setup({ tcp: true });
  const replica = await startRedis({ replicaof: redis });
  stops.push(() => replica.close());
  await until(async () => (await redis.cli('INFO', 'replication')).includes('state=online'), 'the replica follows');
  await queue.accept([entryOf('a')]);
  replica.pause();
  await expect(queue.accept([entryOf('b')])).rejects.toMatchObject({ uncertain: false });
  replica.resume();
  work();
  await queue.drain();
  expect([await counted(store, 'a'), await counted(store, 'b')]).toEqual([1n, 0n]);
});

test('it works on a Redis Cluster, all keys in one slot', async () => {
  const { queue, store, redis, work } = await setup({ cluster: true });
  expect(await redis.cli('CLUSTER', 'KEYSLOT', `${QUEUE_PREFIX}:${REPORTS}:wait`)).toBe(`:${QUEUE_SLOT}\r\n`);
  work();
  await queue.accept([entryOf('a')]);
  await queue.drain();
  expect(await counted(store)).toBe(1n);
});

test.each([false, true])('a report that its replica has is accepted (cluster: %s)', async (cluster) => {
  const { queue, redis, store, work } = await setup({ tcp: true, cluster }, 1);
  await startRedis({ replicaof: redis });
  await until(async () => (await redis.cli('INFO', 'replication')).includes('state=online'), 'the replica follows');
  await queue.accept([entryOf('a')]);
  work();
  await queue.drain();
  expect(await counted(store)).toBe(1n);
});
