import { fastify } from 'fastify';
import { expect, test } from 'vitest';
import type { HealthCheck } from '../../../backend/http/health/check.ts';
import { Health } from '../../../backend/http/health/routes.ts';
import { storeCheck } from '../../../backend/http/health/store.ts';
import { createMemoryStore } from '../../../backend/store/memory/store.ts';
import { systemClock } from '../../../shared/clock.ts';
import { TestClock } from '../../harness/clock.ts';

async function ask(health: Health, url = '/health/ready') {
  const server = fastify();
  health.routes(server);
  const { statusCode, body } = await server.inject(url);
  await server.close();
  const answer: { status: string; checks: Record<string, Record<string, unknown>> } = JSON.parse(body);
  return { statusCode, ...answer };
}

const fine: HealthCheck = { name: 'fine', check: () => ({ ok: true, problem: '' }) };

test('it is ready when every check holds, and tells of each', async () => {
  const store = createMemoryStore({ clock: systemClock });
  const answer = await ask(new Health([storeCheck(store), fine], systemClock));
  expect(answer.statusCode).toBe(200);
  expect(answer.status).toBe('ready');
  expect(answer.checks['store']).toMatchObject({ status: 'ok', kind: 'memory', limits: expect.any(String) });
  expect(answer.checks['fine']).toEqual({ status: 'ok' });
});

test('a store that cannot decide makes it not ready, with the reason; it still lives', async () => {
  const store = createMemoryStore({ clock: systemClock });
  store.stop();
  const health = new Health([storeCheck(store), fine], systemClock);
  const answer = await ask(health);
  expect(answer.statusCode).toBe(503);
  expect(answer.checks['store']).toMatchObject({ status: 'failing', problem: expect.stringMatching(/.+/) });
  expect((await ask(health, '/health/live')).statusCode).toBe(200);
});

test('a check that throws is a failing one', async () => {
  const broken: HealthCheck = {
    name: 'broken',
    check: () => {
      throw new Error('no luck');
    },
  };
  expect(await ask(new Health([broken], systemClock))).toMatchObject({
    statusCode: 503,
    checks: { broken: { status: 'failing', problem: 'no luck' } },
  });
});

test('a check that does not answer is a failing one after a second', async () => {
  const clock = new TestClock();
  const silent: HealthCheck = { name: 'silent', check: () => new Promise(() => undefined) };
  const readiness = new Health([silent], clock).readiness();
  await clock.advance(1_000);
  expect((await readiness).ready).toBe(false);
});

test('a process that is shutting down is not ready', async () => {
  const health = new Health([fine], systemClock);
  health.stop();
  expect(await ask(health)).toMatchObject({ statusCode: 503, checks: { process: { problem: 'it is shutting down' } } });
});
