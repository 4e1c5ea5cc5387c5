import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { systemClock } from '../../../../shared/clock.ts';
import { request } from '../../../contract/store/requests.ts';
import { until } from '../../../harness/latch.ts';
import { startRedis } from '../../../harness/redis.ts';
import { ALL_ANSWERED, logged, openStore, outcome, outcomes, recovered, timed } from './support.ts';

/** Longest time for any answer: the command's limit and some for a busy machine, ms. */
const LIMIT = 1_500;

test('a Redis that is not there is an outage at once, and used as soon as it is', async () => {
  const redis = await startRedis();
  await redis.stop();
  const store = await openStore(redis.url);
  const [result, milliseconds] = await timed(async () => store.counters.decide(request()));
  expect(result).toBe('disconnected');
  expect(milliseconds).toBeLessThan(100);
  expect(await store.health()).toMatchObject({ ready: false, limits: 'bounded' });
  await redis.start();
  await recovered(store);
  expect(await outcomes(store)).toEqual(ALL_ANSWERED);
});

test('a killed and restarted Redis is an outage in between, told once', async () => {
  const redis = await startRedis({ appendonly: true, appendfsync: 'always' });
  const store = await openStore(redis.url);
  const identity = store.identity();
  logged.length = 0;
  await redis.kill();
  const results = await Promise.all(Array.from({ length: 50 }, async () => outcome(store.counters.decide(request()))));
  expect(new Set(results)).toEqual(new Set(['disconnected']));
  await redis.start();
  expect(await recovered(store)).toBeLessThan(5_000);
  expect(store.identity()).not.toBe(identity);
  const lines = logged.map((line) => JSON.parse(line) as { msg: string });
  expect(lines.filter(({ msg }) => msg === 'Redis is not available')).toHaveLength(1);
  expect(lines.filter(({ msg }) => msg === 'Redis is ready')).toHaveLength(1);
});

test('a stopped Redis process is an outage within the time limit, later at once', async () => {
  const redis = await startRedis();
  const store = await openStore(redis.url);
  redis.pause();
  const [first, waited] = await timed(async () => store.counters.decide(request()));
  expect(first).toBe('timeout');
  expect(waited).toBeLessThan(LIMIT);
  await until(async () => !(await store.health()).ready, 'the store is not ready');
  const [next, milliseconds] = await timed(async () => store.counters.decide(request()));
  expect(['unresponsive', 'timeout', 'disconnected']).toContain(next);
  expect(milliseconds).toBeLessThan(100);
  redis.resume();
  expect(await recovered(store)).toBeLessThan(5_000);
});

test('a server that accepts and never answers is an outage', async () => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const started = systemClock.monotonic();
  const store = await openStore(`redis://127.0.0.1:${port}`);
  expect(systemClock.monotonic() - started).toBeLessThan(4_000);
  expect(await outcome(store.counters.decide(request()))).not.toBe('answered');
  for (const socket of sockets) socket.destroy();
  server.close();
});

test('while writes are paused, reads are answered', async () => {
  const redis = await startRedis();
  const store = await openStore(redis.url);
  await redis.cli('CLIENT', 'PAUSE', '1200', 'WRITE');
  expect(await outcomes(store)).toMatchObject({
    write: 'timeout',
    read: 'answered',
    document: 'answered',
    configuration: 'timeout',
  });
  await recovered(store);
});

test('a busy Redis is an outage with its name', async () => {
  const redis = await startRedis({ settings: [['busy-reply-threshold', '20']] });
  const store = await openStore(redis.url);
  const loop = redis.cli('EVAL', 'while true do end', '0').catch(() => 'killed');
  await until(async () => (await outcome(store.counters.decide(request()))) === 'busy', 'Redis is busy');
  await redis.cli('SCRIPT', 'KILL');
  expect(await loop).toBe('killed');
  await recovered(store);
});

test('a full Redis refuses what writes and answers what reads', async () => {
  const redis = await startRedis();
  const store = await openStore(redis.url);
  await store.documents.write([{ key: ['x'], value: 1 }], {});
  await redis.cli('CONFIG', 'SET', 'maxmemory', '1mb');
  expect(await outcomes(store)).toEqual({
    write: 'out_of_memory',
    read: 'answered',
    list: 'out_of_memory',
    document: 'answered',
    configuration: 'out_of_memory',
  });
  await redis.cli('CONFIG', 'SET', 'maxmemory', '0');
  await recovered(store);
});

test('a master that becomes a replica is left, and used again when it is one no more', async () => {
  const redis = await startRedis({ tcp: true });
  const store = await openStore(redis.url);
  await redis.cli('REPLICAOF', '127.0.0.1', '1');
  expect(await outcome(store.counters.decide(request()))).toBe('read_only');
  await until(async () => !(await store.health()).ready, 'the store is not ready');
  expect((await store.health()).problem).toContain('replica');
  await redis.cli('REPLICAOF', 'NO', 'ONE');
  await recovered(store);
});

test('a password that is missing, wrong or changed is told, and a right one works', async () => {
  const redis = await startRedis({ requirepass: 'secret' });
  const without = await openStore(redis.socket);
  expect(await outcome(without.counters.decide(request()))).toBe('authentication');
  const wrong = await openStore(`${redis.socket}?password=wrong`);
  expect(await outcome(wrong.counters.decide(request()))).toBe('authentication');
  expect((await wrong.health()).problem).not.toContain('wrong');
  const right = await openStore(redis.url);
  expect(await outcomes(right)).toEqual(ALL_ANSWERED);
});

test('a policy that evicts is refused, also when it is set later', { timeout: 30_000 }, async () => {
  const redis = await startRedis({ settings: [['maxmemory-policy', 'allkeys-lru']] });
  const store = await openStore(redis.url);
  expect(await outcome(store.counters.decide(request()))).toBe('eviction');
  expect((await store.health()).problem).toContain('noeviction');
  await redis.cli('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
  await recovered(store);
  await redis.cli('CONFIG', 'SET', 'maxmemory-policy', 'volatile-ttl');
  await until(async () => !(await store.health()).ready, 'the change is noticed', 15_000);
  expect(await outcome(store.counters.decide(request()))).toBe('eviction');
});

test('scripts that the server has forgotten are sent again without a failed call', async () => {
  const redis = await startRedis();
  const store = await openStore(redis.url);
  for (let round = 0; round < 3; round++) {
    await redis.cli('SCRIPT', 'FLUSH');
    expect(await outcomes(store)).toEqual(ALL_ANSWERED);
  }
});

test('a counter of another type is an outage with its name, and counts nothing', async () => {
  const redis = await startRedis();
  const store = await openStore(redis.url);
  await store.counters.decide(request());
  const keys = (await redis.cli('KEYS', '{s*}*')).split('\r\n').filter((line) => line.includes('["shop","app"]'));
  const minute = keys.find((key) => /\}m/.test(key)) ?? '';
  await redis.cli('DEL', minute);
  await redis.cli('LPUSH', minute, 'x');
  expect(await outcome(store.counters.decide(request()))).toBe('corrupt');
  expect(await store.counters.series('shop', 'app', { metric: 'hits' }, 'eternity', [0])).toEqual([1n]);
});
