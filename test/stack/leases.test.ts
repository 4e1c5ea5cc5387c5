import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../shared/clock.ts';
import { packageRoot } from '../../shared/package-root.ts';
import { until } from '../harness/latch.ts';
import { get, metric, startStack } from '../harness/stack.ts';
import type { Stack } from '../harness/stack.ts';

const MINUTE = 60_000;
const run = promisify(execFile);

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ store: 'redis', gateways: 2, gatewayEnv: { BACKEND_TIMEOUT_MS: '4000' } });
  await stack.application('ten', 10);
  await stack.application('returned', 500);
});

async function lease(...args: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
  const env = { ...process.env, BACKEND_URL: `http://127.0.0.1:${stack.backend.port}` };
  try {
    const { stdout } = await run(process.execPath, ['bin/tallygate.js', 'lease', ...args], { cwd: packageRoot, env });
    return { code: 0, output: stdout };
  } catch (error) {
    if (!(error instanceof Error && 'stdout' in error && 'code' in error)) throw error;
    return { code: Number(error.code), output: String(error.stdout) };
  }
}

/** So that what follows lies in one window. */
async function earlyInAMinute(): Promise<void> {
  await until(async () => systemClock.now() % MINUTE < MINUTE - 20_000, 'a minute with time left', 25_000);
}

test('concurrent calls through two gateways pass exactly as often as the limit allows', async () => {
  await earlyInAMinute();
  const ports = stack.gateways.map(({ port }) => port);
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, index) => get(ports[index % 2] ?? 0, '/?user_key=ten')),
  );
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(10);
  expect(statuses.filter((status) => status === 429)).toHaveLength(50);
  const refused = answers.find(({ status }) => status === 429);
  expect(refused?.headers.get('ratelimit-policy')).toBe('"hits";q=10;w=60');
  expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
}, 60_000);

test('a gateway that stops returns what it held: what the limits took is what was used', async () => {
  await earlyInAMinute();
  const gateway = await stack.startGateway();
  for (let call = 0; call < 20; call += 1) expect((await get(gateway.port, '/?user_key=returned')).status).toBe(200);
  expect(await metric(gateway.adminPort, 'tallygate_lease_units', 'unspent')).toBeGreaterThan(0);
  expect((await lease('list')).output).toContain('stack returned');
  for (const each of stack.gateways) await each.process.stop();
  const check = await lease('check', 'stack');
  expect(check).toEqual({ code: 0, output: expect.stringMatching(/^\d+ limited counters, 0 of them/) });
  expect((await lease('list')).output).toMatch(/^0 open leases, 0 units unspent/);
}, 60_000);
