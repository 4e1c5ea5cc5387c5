import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { QUEUE_PREFIX, REPORTS } from '../../../backend/jobs/queues.ts';
import { ReportQueue } from '../../../backend/jobs/report-queue.ts';
import { createRedisStore } from '../../../backend/store/redis/store.ts';
import type { Store } from '../../../backend/store/store.ts';
import { systemClock } from '../../../shared/clock.ts';
import { until } from '../../harness/latch.ts';
import { startNode } from '../../harness/process.ts';
import type { TestProcess } from '../../harness/process.ts';
import { startRedis } from '../../harness/redis.ts';
import type { PrivateRedis } from '../../harness/redis.ts';
import { AT, HITS, SERVICE, depsOf, entryOf, makeParts } from './parts.ts';

/** `npm run chaos` kills workers for longer. */
const KILLS = 10;
const APPLICATIONS = Array.from({ length: 20 }, (_, i) => `app-${i}`);

interface Bench {
  readonly redis: PrivateRedis;
  readonly queue: ReportQueue;
  readonly store: Store;
  /** What was accepted, by application. */
  readonly accepted: Map<string, bigint>;
  accept(reports: number): Promise<void>;
  failed(): Promise<number>;
  /** Reports that workers have in hand. */
  active(): Promise<number>;
  close(): Promise<void>;
}

async function openBench(): Promise<Bench> {
  const redis = await startRedis({ appendonly: true, appendfsync: 'always' });
  const parts = makeParts();
  const queue = new ReportQueue({ kind: 'redis', url: redis.url, waitReplicas: null }, depsOf(parts));
  const store = await createRedisStore({ url: redis.url }, { clock: systemClock, log: parts.log });
  const connection = new Redis(redis.url, { maxRetriesPerRequest: null });
  const raw = new Queue(REPORTS, { connection, prefix: QUEUE_PREFIX });
  raw.on('error', () => undefined);
  await until(() => queue.reachable, 'the queue is connected');
  const accepted = new Map<string, bigint>();
  let round = 0;
  return {
    redis,
    queue,
    store,
    accepted,
    async accept(reports) {
      for (let i = 0; i < reports; i++) {
        round += 1;
        const uses = APPLICATIONS.map((application, index) => ({
          application,
          use: BigInt((round * (index + 1)) % 7) + 1n,
        }));
        await queue.accept(uses.map(({ application, use }) => entryOf(application, use)));
        for (const { application, use } of uses) accepted.set(application, (accepted.get(application) ?? 0n) + use);
      }
    },
    failed: () => raw.getFailedCount(),
    active: () => raw.getActiveCount(),
    async close() {
      await raw.close();
      connection.disconnect();
      await queue.stop();
      await store.close();
    },
  };
}

async function countedByApplication(store: Store): Promise<Map<string, bigint>> {
  const counts = new Map<string, bigint>();
  for (const application of APPLICATIONS) {
    const [value = 0n] = await store.counters.series(SERVICE, application, { metric: HITS }, 'hour', [
      AT - (AT % 3_600_000),
    ]);
    counts.set(application, value);
  }
  return counts;
}

function startWorker(bench: Bench): Promise<TestProcess> {
  return startNode('dist/test/backend/jobs/worker-child.js', [bench.redis.url], { ready: /started/ });
}

test(
  'workers killed 50 times while they apply lose nothing and count nothing twice',
  { timeout: 120_000 },
  async () => {
    const bench = await openBench();
    const workers = [await startWorker(bench), await startWorker(bench)];
    for (let kill = 0; kill < KILLS; kill++) {
      await bench.accept(20);
      const index = kill % 2;
      // A different moment of its work each time.
      await new Promise<void>((resolve) => void systemClock.after((kill * 7) % 40, resolve));
      await workers[index]?.kill();
      workers[index] = await startWorker(bench);
    }
    await bench.queue.drain();
    expect(await countedByApplication(bench.store)).toEqual(bench.accepted);
    expect(await bench.failed()).toBe(0);
    for (const worker of workers) expect(await worker.stop()).toMatchObject({ code: 0 });
    await bench.close();
  },
);

test('a worker that is told to stop finishes what it has in hand', { timeout: 60_000 }, async () => {
  const bench = await openBench();
  await bench.accept(60);
  const first = await startWorker(bench);
  await first.line(/working/);
  expect(await first.stop()).toMatchObject({ code: 0 });
  expect(await bench.active()).toBe(0);
  await startWorker(bench);
  await bench.queue.drain();
  expect(await countedByApplication(bench.store)).toEqual(bench.accepted);
  await bench.close();
});

test('a worker that is held up longer than its lock does no harm when it goes on', { timeout: 60_000 }, async () => {
  const bench = await openBench();
  const held = await startWorker(bench);
  await bench.accept(30);
  held.signal('SIGSTOP');
  const other = await startWorker(bench);
  await bench.accept(30);
  await bench.queue.drain();
  held.signal('SIGCONT');
  await bench.accept(30);
  await bench.queue.drain();
  expect(await countedByApplication(bench.store)).toEqual(bench.accepted);
  expect(await bench.failed()).toBe(0);
  expect(await other.stop()).toMatchObject({ code: 0 });
  await bench.close();
});

test('a Redis that is killed under load loses nothing that was accepted', { timeout: 60_000 }, async () => {
  const bench = await openBench();
  await startWorker(bench);
  for (let kill = 0; kill < 2; kill++) {
    await bench.accept(40);
    await bench.redis.kill();
    await bench.redis.start();
    await until(() => bench.queue.reachable, 'the queue is connected again');
  }
  await bench.queue.drain();
  await until(async () => (await bench.store.health()).ready, 'the store is back');
  expect(await countedByApplication(bench.store)).toEqual(bench.accepted);
  expect(await bench.failed()).toBe(0);
  await bench.close();
});
