import { beforeAll, expect, test } from 'vitest';
import { gatewayErrors } from '../../../shared/errors.ts';
import { until } from '../../harness/latch.ts';
import type { PrivateRedis } from '../../harness/redis.ts';
import { get, metric, startStack } from '../../harness/stack.ts';
import type { Stack, StackProcess } from '../../harness/stack.ts';
import { expectError, logged, promptly, ready, rises, serves } from './support.ts';

/** Longest time that Redis may be away before the backend says that it is not ready, ms. */
const NOTICED = 5_000;

let stack: Stack;
let gateway: StackProcess;

beforeAll(async () => {
  stack = await startStack({ store: 'redis', gateways: 1, redis: { debugCommand: true } });
  [gateway] = stack.gateways as [StackProcess];
  await stack.application('known', null);
});

interface Fault {
  readonly begin: (redis: PrivateRedis) => Promise<void>;
  readonly end: (redis: PrivateRedis) => Promise<void>;
  /** The backend says that it is not ready, and its log tells. */
  readonly away: boolean;
}

const FAULTS: readonly (readonly [name: string, fault: Fault])[] = [
  ['refuses connections', { begin: (redis) => redis.kill(), end: (redis) => redis.start(), away: true }],
  ['is held up', { begin: async (redis) => redis.pause(), end: async (redis) => redis.resume(), away: true }],
  [
    'is slow',
    {
      begin: async (redis) => void redis.cli('DEBUG', 'SLEEP', '3').catch(() => undefined),
      end: async () => undefined,
      away: false,
    },
  ],
  [
    'is full',
    {
      begin: async (redis) => void (await redis.cli('CONFIG', 'SET', 'maxmemory', '1mb')),
      end: async (redis) => void (await redis.cli('CONFIG', 'SET', 'maxmemory', '0')),
      away: false,
    },
  ],
];

test.each(FAULTS)('a Redis that %s is an outage on both sides, and it recovers by itself', async (name, fault) => {
  const redis = theRedis();
  const fresh = name.replaceAll(' ', '-');
  await stack.application(fresh, 1_000);
  await serves(gateway, 'known');
  const before = await metric(stack.backend.port, 'tallygate_backend_requests_total', '5xx');
  await fault.begin(redis);
  try {
    expectError(await promptly(get(gateway.port, `/?user_key=${fresh}`)), gatewayErrors.backendUnavailable);
    const authrep = `/transactions/authrep.xml?service_token=stack-token&service_id=stack&user_key=${fresh}&usage[hits]=1`;
    expect((await get(stack.backend.port, authrep, 5_000)).status).toBe(503);
    await rises(stack.backend.port, 'tallygate_backend_requests_total', '5xx', before);
    if (fault.away) {
      await until(async () => !(await ready(stack.backend.port)), 'the backend is not ready', NOTICED);
      await logged(stack.backend, 'redis_unavailable');
    }
    expect((await get(stack.backend.port, '/health/live')).status).toBe(200);
  } finally {
    await fault.end(redis);
  }
  await until(() => ready(stack.backend.port), 'the backend is ready', 15_000);
  await serves(gateway, fresh);
  const served = stack.upstream.served('known');
  await until(async () => (await stack.counted('known')) === served, 'the usage is counted exactly', 15_000);
});

test('a Redis that is restarted is used again, and nothing that was counted is lost', async () => {
  await serves(gateway, 'known');
  await theRedis().restart();
  await until(() => ready(stack.backend.port), 'the backend is ready', 15_000);
  await serves(gateway, 'known');
  const served = stack.upstream.served('known');
  await until(async () => (await stack.counted('known')) === served, 'the usage is counted exactly', 15_000);
  expect(await metric(gateway.adminPort, 'tallygate_usage_lost_total')).toBe(0);
});

function theRedis(): PrivateRedis {
  if (stack.redis === null) throw new Error('the stack has no Redis');
  return stack.redis;
}
