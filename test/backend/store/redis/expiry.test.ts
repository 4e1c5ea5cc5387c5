import { expect, test } from 'vitest';
import { entry, lease, NOON, part, request } from '../../../contract/store/requests.ts';
import { startRedis } from '../../../harness/redis.ts';
import type { PrivateRedis } from '../../../harness/redis.ts';
import { openStore } from './support.ts';

const HOUR = 3_600;
const DAY = 24 * HOUR;

test('every key has the life of its kind, and only what is kept for ever has none', async () => {
  const redis = await startRedis();
  const store = await openStore(redis.url);
  await store.counters.decide(request({ codes: ['200'] }));
  await store.counters.apply([part(store.counters, 1, [entry(2n)])]);
  await store.leases.run([
    lease(),
    lease({ number: 2, period: 'month', bounds: [{ metric: 'hits', period: 'month', max: 99n }] }),
  ]);
  await store.leases.heartbeat('a'.repeat(32), NOON);
  await store.logs.setOnce(['flag'], 60_000);
  const lives = await livesOf(redis);
  // NOON is 12:30:30: its ten minutes end at 12:40, its eight hours at 16:00.
  expectLives(lives, /\}m/, 3 * HOUR, 3 * HOUR + 600);
  expectLives(lives, /\}h/, 32 * DAY, 32 * DAY + 8 * HOUR);
  expectLives(lives, /\}w/, 731 * DAY, 738 * DAY);
  expectLives(lives, /\}t[23]\./, 731 * DAY, 738 * DAY);
  expectLives(lives, /\}k/, 30 * DAY - 60, 30 * DAY);
  expectLives(lives, /\}l\[/, HOUR, 31 * DAY);
  expectLives(lives, /\}o\[/, HOUR, 31 * DAY);
  expectLives(lives, /\}b/, 0, 60);
  const forEver = /^\{config\}(documents|version|store|living)$|\}(owner$|leases$|y|e\[|t[456]\.|a\[)/;
  for (const [key, life] of lives) expect([key, life === -1]).toEqual([key, forEver.test(key)]);
});

test('usage for windows that are over by far is kept for an hour', async () => {
  const redis = await startRedis();
  const store = await openStore(redis.url);
  const at = NOON - 90 * DAY * 1_000;
  await store.counters.apply([part(store.counters, 1, [entry(2n, 2n, { at })])]);
  const lives = await livesOf(redis);
  expectLives(lives, /\}m/, HOUR - 60, HOUR);
  expect(await store.counters.series('shop', 'app', { metric: 'hits' }, 'eternity', [0])).toEqual([2n]);
});

test('the retention can be set', async () => {
  const redis = await startRedis();
  const store = await openStore(redis.url, {
    retention: { minute: 2 * HOUR * 1_000, month: 400 * DAY * 1_000, year: 400 * DAY * 1_000 },
  });
  await store.counters.decide(request());
  const lives = await livesOf(redis);
  expectLives(lives, /\}m/, 2 * HOUR, 2 * HOUR + 600);
  expectLives(lives, /\}y/, 400 * DAY, 766 * DAY);
  await expect(openStore(redis.url, { retention: { minute: 60_000 } })).rejects.toThrow(/kept for an hour/);
});

/** Every key of the store with its time to live, s; -1: for ever. */
async function livesOf(redis: PrivateRedis): Promise<ReadonlyMap<string, number>> {
  const keys = (await redis.cli('KEYS', '*')).split('\r\n').filter((line) => line.startsWith('{'));
  const lives = new Map<string, number>();
  for (const key of keys) lives.set(key, Number(/-?\d+/.exec(await redis.cli('TTL', key))?.[0]));
  return lives;
}

/** There are keys that match, and all of them live from `least` to `most` seconds. */
function expectLives(lives: ReadonlyMap<string, number>, pattern: RegExp, least: number, most: number): void {
  const found = [...lives].filter(([key]) => pattern.test(key)).map(([, life]) => life);
  expect(found.length).toBeGreaterThan(0);
  expect(Math.min(...found)).toBeGreaterThanOrEqual(least);
  expect(Math.max(...found)).toBeLessThanOrEqual(most);
}
