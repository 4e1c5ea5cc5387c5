import { fastify } from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { storeRoutes } from '../../../../backend/http/internal/store.ts';
import { createMemoryStore } from '../../../../backend/store/memory/store.ts';
import type { Store } from '../../../../backend/store/store.ts';
import { createLogger } from '../../../../shared/log.ts';
import { MONDAY, TestClock } from '../../../harness/clock.ts';
import { until } from '../../../harness/latch.ts';
import { startRedis } from '../../../harness/redis.ts';
import { openStore } from '../../store/redis/support.ts';

type Ask = (method: 'GET' | 'POST', path: string) => Promise<{ readonly status: number; readonly body: unknown }>;

async function apiOf(store: Store, lines: string[] = []): Promise<Ask> {
  const server = fastify();
  const log = createLogger('test', 'info', { write: (line: string) => void lines.push(line) });
  const routes = storeRoutes({ store, credentials: null, clock: new TestClock(MONDAY), log });
  await server.register(async (context) => routes(context), { prefix: '/internal/store' });
  onTestFinished(async () => server.close());
  return async (method, path) => {
    const answer = await server.inject({ method, url: `/internal/store${path}` });
    return { status: answer.statusCode, body: JSON.parse(answer.body) };
  };
}

test('a loss is accepted by an operator, and then the store answers again', async () => {
  const redis = await startRedis();
  const store = await openStore(redis.url);
  const lines: string[] = [];
  const ask = await apiOf(store, lines);
  expect(await ask('GET', '/')).toMatchObject({ status: 200, body: { kind: 'redis', ready: true, grantsHeld: '' } });
  await redis.cli('FLUSHALL');
  await until(async () => !(await store.health()).ready, 'the loss is seen');
  const problem = expect.stringContaining('tallygate store accept-loss') as string;
  expect(await ask('GET', '/')).toMatchObject({ status: 200, body: { ready: false, problem } });
  expect(await ask('POST', '/accept_loss')).toMatchObject({ status: 200, body: { status: 'accepted', ready: true } });
  expect(lines.join('')).toContain('"code":"store_loss_accepted"');
});

test('nothing is accepted while nothing is missing', async () => {
  const store = await openStore((await startRedis()).url);
  const identity = store.identity();
  expect(await (await apiOf(store))('POST', '/accept_loss')).toMatchObject({ status: 409 });
  expect(store.identity()).toBe(identity);
});

test('a store that cannot lose a part has nothing to accept', async () => {
  const store = createMemoryStore({ clock: new TestClock(MONDAY) });
  expect(await (await apiOf(store))('POST', '/accept_loss')).toMatchObject({ status: 409 });
});
