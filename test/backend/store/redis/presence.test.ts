import { expect, test } from 'vitest';
import { StoreUnavailable } from '../../../../backend/store/store.ts';
import { bound, lease, request } from '../../../contract/store/requests.ts';
import { until } from '../../../harness/latch.ts';
import { startRedis } from '../../../harness/redis.ts';
import { ALL_ANSWERED, openStore, outcome, outcomes, recovered } from './support.ts';

const ALL_LOST = {
  write: 'store_lost',
  read: 'store_lost',
  list: 'store_lost',
  document: 'store_lost',
  configuration: 'store_lost',
};

test('an empty Redis becomes a store, the same for all that find it so at the same time', async () => {
  const redis = await startRedis();
  const stores = await Promise.all(Array.from({ length: 4 }, async () => openStore(redis.url)));
  await Promise.all(stores.map(async (store) => store.documents.write([{ key: ['x'], value: 1 }], {})));
  for (const store of stores) {
    expect(await outcomes(store)).toEqual(ALL_ANSWERED);
    expect(store.identity()).toBe(stores[0]?.identity());
  }
});

test('a Redis that is emptied under a running backend is an outage for every call, not "nothing is known"', async () => {
  const redis = await startRedis();
  const store = await openStore(redis.url);
  await store.documents.write([{ key: ['x'], value: 1 }], {});
  await redis.cli('FLUSHALL');
  expect(await outcome(store.documents.get(['x']))).toBe('store_lost');
  expect(await outcome(store.counters.decide(request()))).toBe('store_lost');
  expect(await outcome(store.documents.write([{ key: ['x'], value: 2 }], {}))).toBe('store_lost');
  await until(async () => (await store.health()).problem.includes('come back empty'), 'health tells the loss');
  expect(await outcomes(store)).toEqual(ALL_LOST);
  expect(await store.health()).toMatchObject({ ready: false });
});

test('a Redis without a disk that was restarted is an outage, until an operator accepts the loss', async () => {
  const redis = await startRedis();
  const store = await openStore(redis.url);
  const version = (await store.documents.write([{ key: ['x'], value: 1 }], {})) ?? 0;
  const identity = store.identity();
  await redis.restart();
  await until(async () => (await store.health()).problem.includes('come back empty'), 'health tells the loss');
  expect(await outcomes(store)).toEqual(ALL_LOST);
  await store.acceptLoss();
  expect(await store.health()).toMatchObject({ ready: true });
  expect(await store.documents.get(['x'])).toBeNull();
  expect(await store.documents.version()).toBeGreaterThan(version);
  expect(await store.documents.changesSince(version)).toBeNull();
  expect(store.identity()).not.toBe(identity);
});

test('a store that is founded anew after it was emptied has another identity, and so does each accepted loss', async () => {
  const redis = await startRedis();
  const store = await openStore(redis.url);
  await store.documents.write([{ key: ['x'], value: 1 }], {});
  const identities = [store.identity()];
  await redis.cli('FLUSHALL');
  identities.push((await openStore(redis.url)).identity());
  for (let loss = 0; loss < 2; loss++) {
    await redis.cli('FLUSHALL');
    await store.acceptLoss();
    identities.push(store.identity());
  }
  expect(new Set(identities).size).toBe(4);
});

test('after an accepted loss grants are frozen for a while, where they may have been lost', async () => {
  const redis = await startRedis();
  const store = await openStore(redis.url);
  const limited = request({ bounds: [bound(10n)] });
  await store.counters.decide(limited);
  await redis.cli('FLUSHALL');
  await until(async () => !(await store.health()).ready, 'the loss is seen');
  await store.acceptLoss();
  expect(await store.counters.decide(limited)).toMatchObject({ admitted: false, frozen: true });
  const [granted] = await store.leases.run([lease()]);
  expect(granted).toMatchObject({ frozen: true, ceiling: 0n });
  expect(await store.counters.decide({ ...limited, at: limited.at + 3_001 })).toMatchObject({
    admitted: true,
    frozen: false,
  });
});

test('one lost part of the store is a loss, and only it is frozen when that is accepted', async () => {
  const redis = await startRedis();
  const store = await openStore(redis.url);
  const limited = request({ bounds: [bound(10n)] });
  const other = { ...limited, application: 'other' };
  await store.counters.decide(other);
  const tag = `{s${String(store.counters.shardOf(limited)).padStart(2, '0')}}`;
  await redis.cli('DEL', `${tag}owner`);
  expect(await outcome(store.counters.decide(limited))).toBe('store_lost');
  await until(async () => (await store.health()).problem.includes('1 of 65 parts'), 'health tells the loss');
  await store.acceptLoss();
  expect(await store.counters.decide(limited)).toMatchObject({ frozen: true });
  expect(await store.counters.decide(other)).toMatchObject({ frozen: false, admitted: true });
});

test('another store in the place of the one seen before is an outage', async () => {
  const redis = await startRedis();
  const store = await openStore(redis.url);
  await redis.cli('FLUSHALL');
  await openStore(redis.url);
  await until(async () => (await store.health()).problem.includes('another store'), 'the other store is seen');
  expect(['store_lost', 'store_replaced']).toContain(await outcome(store.counters.decide(request())));
});

test('a process that starts on a store finds it as it was', async () => {
  const redis = await startRedis({ appendonly: true });
  const first = await openStore(redis.url);
  await first.documents.write([{ key: ['x'], value: 1 }], {});
  const second = await openStore(redis.url);
  expect(await second.documents.get(['x'])).toBe(1);
  expect(second.identity()).toBe(first.identity());
  await redis.restart();
  await Promise.all([recovered(first), recovered(second)]);
  expect(await second.documents.get(['x'])).toBe(1);
  expect(second.identity()).toBe(first.identity());
});

test('data of a newer version is refused', async () => {
  const redis = await startRedis();
  const store = await openStore(redis.url);
  await store.close();
  await redis.cli('HSET', '{config}store', 'format', '99');
  const older = await openStore(redis.url);
  await expect(older.documents.get(['x'])).rejects.toThrow(StoreUnavailable);
  expect(await older.health()).toMatchObject({
    ready: false,
    problem: expect.stringContaining('run a newer one') as string,
  });
});
