import { expect, test } from 'vitest';
import { systemClock } from '../../shared/clock.ts';
import { until } from '../harness/latch.ts';
import { startNode } from '../harness/process.ts';
import { startRedis } from '../harness/redis.ts';
import { setUpService, startBackend, total } from './process.ts';

const CALL = '/transactions/authrep.xml?provider_key=pk&service_id=s&user_key=k&usage[hits]=1';

async function ready(url: string): Promise<boolean> {
  return (await fetch(`${url}/health/ready`)).status === 200;
}

async function authrep(url: string): Promise<number> {
  return (await fetch(`${url}${CALL}`)).status;
}

async function report(url: string, hits: number): Promise<number> {
  const body = new URLSearchParams([
    ['transactions[0][user_key]', 'k'],
    ['transactions[0][usage][hits]', String(hits)],
  ]);
  return (await fetch(`${url}/transactions.xml?provider_key=pk&service_id=s`, { method: 'POST', body })).status;
}

test('an outage of Redis is 503 within a time-out, never a refusal; it recovers by itself and loses nothing', async () => {
  const redis = await startRedis({ appendonly: true, appendfsync: 'always' });
  const { url } = await startBackend({ REDIS_URL: redis.url });
  await setUpService(url);
  let sent = 0;
  let answered = 0;
  const call = async (): Promise<number> => {
    sent += 1;
    const status = await authrep(url);
    if (status === 200) answered += 1;
    return status;
  };
  const send = async (hits: number): Promise<number> => {
    sent += hits;
    const status = await report(url, hits);
    if (status === 202) answered += hits;
    return status;
  };
  expect([await call(), await send(10)]).toEqual([200, 202]);
  for (const fault of ['pause', 'kill'] as const) {
    await redis[fault]();
    const start = systemClock.monotonic();
    expect([await call(), await send(100)]).toEqual([503, 503]);
    expect(systemClock.monotonic() - start).toBeLessThan(5_000);
    await until(async () => !(await ready(url)), 'it is not ready', 3_000);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    if (fault === 'pause') redis.resume();
    else await redis.start();
    await until(() => ready(url), 'it is ready again');
    await until(async () => (await send(1)) === 202, 'reports are accepted again');
  }
  // What a stopped Redis had been sent it may do when it goes on: counted, though answered as an outage.
  const uncertain = 101;
  await until(async () => Number(await total(url)) >= answered, 'all that was answered is counted');
  expect(await total(url)).toBeLessThanOrEqual(answered + uncertain);
  expect(sent).toBeGreaterThan(answered + uncertain);
});

test('a backend that starts while Redis is away waits for it, and says so', async () => {
  const redis = await startRedis();
  await redis.kill();
  const { url, process } = await startBackend({ REDIS_URL: redis.url });
  expect(await authrep(url)).toBe(503);
  const answer: unknown = await (await fetch(`${url}/health/ready`)).json();
  expect(answer).toMatchObject({ status: 'not ready', checks: { store: { status: 'failing' } } });
  await redis.start();
  await until(() => ready(url), 'it is ready');
  await setUpService(url);
  expect(await authrep(url)).toBe(200);
  expect(await process.stop()).toEqual({ code: 0, signal: null });
});

test('two backends and a worker of its own share the work', async () => {
  const redis = await startRedis();
  const env = { REDIS_URL: redis.url };
  const [one, two] = [await startBackend({ ...env, WORKER: 'off' }), await startBackend({ ...env, WORKER: 'off' })];
  await setUpService(one.url);
  await until(async () => (await authrep(two.url)) === 200, 'the other backend knows the service');
  for (let i = 0; i < 10; i++) expect(await report(i % 2 === 0 ? one.url : two.url, 5)).toBe(202);
  expect(await total(one.url)).toBe(1);
  const worker = await startNode('dist/backend/main.js', ['worker'], { env: { ...env, ADMIN_PORT: '0' } });
  const match = await worker.line(/"port":(\d+).*worker is running/);
  const admin = `http://127.0.0.1:${match[1] ?? ''}`;
  await until(async () => (await total(two.url)) === 51, 'the worker applied all');
  expect(await ready(admin)).toBe(true);
  const metrics = await (await fetch(`${admin}/metrics`)).text();
  expect(metrics).toContain('tallygate_reports_applied_total{result="applied"} 10');
  expect(metrics).toContain('tallygate_reports_waiting 0');
  expect(await worker.stop()).toEqual({ code: 0, signal: null });
  expect(await one.process.stop()).toEqual({ code: 0, signal: null });
});
