import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../shared/clock.ts';
import { until } from '../harness/latch.ts';
import { get, metric, startStack } from '../harness/stack.ts';
import type { Stack } from '../harness/stack.ts';

/** BACKEND_TIMEOUT_MS is 500; what a request may wait beyond it on a busy machine, ms. */
const SLACK = 1_500;

let stack: Stack;

beforeEach(async () => {
  stack = await startStack({ gatewayEnv: { AUTHS_TTL: '1' } });
  await stack.application('known', null);
});

afterEach(() => {
  if (stack.backend.process.running) stack.backend.process.signal('SIGCONT');
});

test('strict: a held-up backend is answered 503 with Retry-After, never 401 or 403, and nothing hangs', async () => {
  const port = stack.gateways[0]?.port ?? 0;
  expect((await get(port, '/?user_key=known')).status).toBe(200);
  stack.backend.process.signal('SIGSTOP');
  await until(
    async () => (await get(port, '/?user_key=known')).status === 503,
    'the last decision has expired',
    10_000,
  );
  const started = systemClock.monotonic();
  const answers = await Promise.all([get(port, '/?user_key=known'), get(port, '/?user_key=unknown')]);
  expect(systemClock.monotonic() - started).toBeLessThan(500 + SLACK);
  for (const { status, headers } of answers) {
    expect(status).toBe(503);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  }
  stack.backend.process.signal('SIGCONT');
  await until(async () => (await get(port, '/?user_key=known')).status === 200, 'it serves again', 10_000);
});

test('resilient: known callers are served while the backend is dead, and their usage arrives when it is back', async () => {
  const { port, adminPort } = await stack.startGateway({ BACKEND_DOWN: 'resilient', AUTHS_TTL: '1' });
  expect((await get(port, '/?user_key=known')).status).toBe(200);
  await stack.backend.process.kill();
  for (let call = 0; call < 20; call++) expect((await get(port, '/?user_key=known')).status).toBe(200);
  expect((await get(port, '/?user_key=stranger')).status).toBe(503);
  expect(await metric(adminPort, 'tallygate_usage_pending')).toBeGreaterThan(0);
  await stack.restartBackend();
  await until(async () => (await stack.counted('known')) === 21, 'the usage of the outage is counted', 15_000);
  await until(async () => (await metric(adminPort, 'tallygate_usage_pending')) === 0, 'nothing is pending', 5_000);
});
