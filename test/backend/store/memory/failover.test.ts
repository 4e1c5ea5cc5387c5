import { expect, test } from 'vitest';
import { createMemoryStore } from '../../../../backend/store/memory/store.ts';
import { StoreUnavailable } from '../../../../backend/store/store.ts';
import { APPLICATION, both, bound, lease, NOON, request, seven } from '../../../contract/store/requests.ts';
import { Latch } from '../../../harness/latch.ts';
import { TestClock } from '../../../harness/clock.ts';

test('a failover forgets what was written since the snapshot, and changes the identity', async () => {
  const store = createMemoryStore({ clock: new TestClock(NOON) });
  await store.counters.decide(request());
  const moment = store.snapshot();
  const identity = store.identity();
  await store.counters.decide(request());
  await store.documents.write([{ key: ['x'], value: 1 }], {});
  store.restore(moment, 'second run');
  expect(await both(store.counters)).toEqual(seven([1n, 1n]));
  expect(await store.documents.get(['x'])).toBeNull();
  expect(store.identity()).not.toBe(identity);
});

test('one shard can fail over alone', async () => {
  const store = createMemoryStore({ clock: new TestClock(NOON), shards: 8 });
  const other = { ...request(), application: 'other' };
  const moment = store.snapshot();
  await store.counters.decide(request());
  await store.counters.decide(other);
  expect(store.counters.shardOf(other)).not.toBe(store.counters.shardOf(APPLICATION));
  store.restore(moment, 'second run', [store.counters.shardOf(APPLICATION)]);
  expect(await store.counters.series('shop', null, { metric: 'hits' }, 'eternity', [0])).toEqual([1n]);
});

test('after a failover grants are frozen for a while, where they may have been lost', async () => {
  const clock = new TestClock(NOON);
  const store = createMemoryStore({ clock, freeze: 3_000 });
  const limited = request({ bounds: [bound(10n)] });
  expect(await store.counters.decide(limited)).toMatchObject({ admitted: true, frozen: false });
  store.restore(store.snapshot(), 'second run');
  expect(await store.counters.decide(limited)).toMatchObject({ admitted: false, frozen: true });
  expect(await store.counters.decide({ ...limited, count: false })).toMatchObject({ admitted: true, frozen: true });
  expect(await store.counters.decide(request())).toMatchObject({ admitted: true, frozen: true });
  const [refused] = await store.leases.run([lease()]);
  expect(refused).toMatchObject({ frozen: true, ceiling: 0n });
  const [declared] = await store.leases.run([lease({ number: 2, held: 4n, want: 9n, used: 1n })]);
  expect(declared).toMatchObject({ frozen: true, ceiling: 4n });
  const later = { ...limited, at: NOON + 3_000 };
  expect(await store.counters.decide(later)).toMatchObject({ admitted: true, frozen: false });
});

test('a stopped shard is an outage, and none of the others', async () => {
  const store = createMemoryStore({ clock: new TestClock(NOON), shards: 8 });
  store.stop([store.counters.shardOf(APPLICATION)]);
  await expect(store.counters.decide(request())).rejects.toThrow(StoreUnavailable);
  expect(await store.counters.decide({ ...request(), application: 'other' })).toMatchObject({ admitted: true });
  expect(await store.health()).toMatchObject({ ready: false });
  store.start();
  expect(await store.counters.decide(request())).toMatchObject({ admitted: true });
  expect(await store.health()).toMatchObject({ ready: true });
});

test('an answer waits until what it wrote is confirmed, and its effect is there at once', async () => {
  const confirmed = new Latch();
  const store = createMemoryStore({ clock: new TestClock(NOON), confirm: async () => confirmed.wait() });
  let answered = false;
  const answer = store.counters.decide(request()).then(() => (answered = true));
  expect((await both(store.counters))[0]).toEqual([1n, 1n]);
  expect(answered).toBe(false);
  confirmed.open();
  await answer;
});
