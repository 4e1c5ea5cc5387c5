import { fastify } from 'fastify';
import { beforeAll, expect, test } from 'vitest';
import { leaseRoutes } from '../../../../backend/http/internal/leases.ts';
import { createMemoryStore } from '../../../../backend/store/memory/store.ts';
import type { MemoryStore } from '../../../../backend/store/memory/store.ts';
import { createLogger } from '../../../../shared/log.ts';
import { MONDAY, TestClock } from '../../../harness/clock.ts';
import { track } from '../../../harness/resources.ts';
import { openShop } from '../../shop.ts';

const EPOCH = 'e'.repeat(32);
let store: MemoryStore;
let ask: (method: 'GET' | 'DELETE', path: string) => Promise<unknown>;

beforeAll(async () => {
  const clock = new TestClock(MONDAY);
  store = createMemoryStore({ clock });
  const configuration = await openShop(store, clock, ['a']);
  await configuration.usageLimits.save('test', { service: 'shop', plan: 'p1', metric: '1', period: 'minute' }, 10n);
  const server = fastify();
  const { lookup } = configuration;
  const routes = leaseRoutes({ store, lookup, credentials: null, clock, log: createLogger('test', 'silent') });
  await server.register(async (context) => routes(context), { prefix: '/internal/leases' });
  track({ stop: async () => server.close(), abandon: () => undefined });
  ask = async (method, path) => JSON.parse((await server.inject({ method, url: `/internal/leases${path}` })).body);
  const levels = { used: 1n, held: 0n, want: 4n, need: 1n };
  const where = {
    service: 'shop',
    application: 'a',
    metric: '1',
    chain: ['1'],
    period: 'minute',
    window: null,
  } as const;
  const bounds = [{ metric: '1', period: 'minute', max: 10n }] as const;
  const message = { epoch: EPOCH, number: 1, rev: 1, next: false, final: false, at: MONDAY, living: [EPOCH] };
  await store.leases.run([{ ...where, ...levels, ...message, bounds }]);
  await store.counters.apply([
    {
      epoch: EPOCH,
      sequence: 1,
      slice: 0,
      digest: 'd',
      floor: 1,
      shard: store.counters.shardOf({ service: 'shop', application: 'a' }),
      entries: [
        {
          service: 'shop',
          application: 'a',
          at: MONDAY,
          additions: [{ metric: '1', use: 1n, take: 0n, set: false }],
          codes: [],
        },
      ],
    },
  ]);
});

test('open leases are listed with what is held and used', async () => {
  expect(await ask('GET', '/')).toMatchObject({
    leases: [{ epoch: EPOCH, number: 1, application: 'a', used: 1, ceiling: 4, final: false, start: MONDAY }],
    cursor: null,
  });
  expect(await ask('GET', '/')).toMatchObject({ leases: [{ living: false }] });
  await store.leases.heartbeat(EPOCH, MONDAY);
  expect(await ask('GET', '/')).toMatchObject({ leases: [{ living: true }] });
});

test('the check names the counters whose accounts differ, by the name of their metric', async () => {
  expect(await ask('GET', '/check/shop')).toEqual({
    applications: 1,
    counters: 1,
    unequal: [{ application: 'a', metric: 'hits', period: 'minute', used: 1, taken: 4 }],
    cursor: null,
  });
});

test('the leases of an epoch are released', async () => {
  expect(await ask('DELETE', `/${EPOCH}`)).toEqual({ released: 1 });
  expect(await ask('GET', '/')).toMatchObject({ leases: [{ final: true }] });
});
