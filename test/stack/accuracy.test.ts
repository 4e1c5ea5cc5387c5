import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../shared/package-root.ts';
import { until } from '../harness/latch.ts';
import { get, metric, startStack } from '../harness/stack.ts';
import type { Stack } from '../harness/stack.ts';

const run = promisify(execFile);
const REQUESTS = 20_000;

let stack: Stack;

beforeAll(async () => {
  // What is shown here is counting: a loaded machine may take its time over the first answers.
  stack = await startStack({
    store: 'redis',
    gateways: 2,
    worker: true,
    gatewayEnv: { REPORTING_THREADS: '2', BACKEND_TIMEOUT_MS: '5000' },
  });
  await stack.application('busy', null);
});

test(
  '20,000 requests through two gateways are counted exactly, and threads deliver them',
  { timeout: 120_000 },
  async () => {
    await Promise.all(stack.gateways.map(({ port }) => flood(port, REQUESTS / 2)));
    const served = stack.upstream.seen.length;
    expect(served).toBe(REQUESTS);
    await until(async () => (await stack.counted('busy')) >= served, 'all usage is counted', 30_000);
    expect(await stack.counted('busy')).toBe(served);
    for (const { adminPort } of stack.gateways) {
      expect(await metric(adminPort, 'tallygate_reporting_deliveries_total', 'by="thread"')).toBeGreaterThan(0);
      expect(await metric(adminPort, 'tallygate_usage_lost_total')).toBe(0);
    }
  },
);

test('usage shows in the analytics within 3 seconds', async () => {
  const before = await stack.counted('busy');
  const { status } = await get(stack.gateways[0]?.port ?? 0, '/?user_key=busy');
  expect(status).toBe(200);
  await until(async () => (await stack.counted('busy')) === before + 1, 'the call is counted', 3_000);
});

async function flood(port: number, amount: number): Promise<void> {
  const autocannon = join(packageRoot, 'node_modules/autocannon/autocannon.js');
  const args = [autocannon, '--json', '-c', '20', '-a', String(amount), `http://127.0.0.1:${port}/?user_key=busy`];
  const { stdout } = await run(process.execPath, args, { maxBuffer: 10_000_000 });
  const result: unknown = JSON.parse(stdout);
  expect(result).toMatchObject({ '2xx': amount, non2xx: 0, errors: 0, timeouts: 0 });
}
