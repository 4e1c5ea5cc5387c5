import { expect, test } from 'vitest';
import { bound, entry, lease, part, request } from '../../../contract/store/requests.ts';
import { startCluster } from '../../../harness/cluster.ts';
import { until } from '../../../harness/latch.ts';
import { startRedis } from '../../../harness/redis.ts';
import { ALL_ANSWERED, openStore, outcomes } from './support.ts';

test('the store works on a cluster, with every key in the slot of its script', async () => {
  const redis = await startRedis({ cluster: true });
  const store = await openStore(`redis+cluster://127.0.0.1:${redis.port}`);
  expect(await outcomes(store)).toEqual(ALL_ANSWERED);
  const names = Array.from({ length: 100 }, (_, index) => `app${index}`);
  await Promise.all(names.map(async (application) => store.counters.decide(request({ application, codes: ['200'] }))));
  const parts = names.map((application, index) =>
    part(store.counters, index, [entry(2n, 2n, { application })], { floor: 0 }),
  );
  await store.counters.apply(
    parts.map((each, index) => ({
      ...each,
      shard: store.counters.shardOf({ service: 'shop', application: names[index] ?? '' }),
    })),
  );
  await store.leases.run(names.map((application, number) => lease({ application, number })));
  expect(await store.counters.series('shop', null, { metric: 'hits' }, 'eternity', [0])).toEqual([301n]);
  expect((await store.counters.top('shop', 'hits', 'eternity', 0, 5)).map(({ value }) => value)).toEqual([
    3n,
    3n,
    3n,
    3n,
    3n,
  ]);
  expect((await store.leases.list(null, 1_000)).leases).toHaveLength(100);
  expect(await store.leases.release('a'.repeat(32))).toBe(100);
  await store.counters.remove('shop', null);
  expect(await store.counters.active('shop', null, 10)).toEqual({ applications: [], cursor: null });
  expect(await store.health()).toMatchObject({ ready: true, limits: 'bounded' });
});

test('limits are kept on a cluster', async () => {
  const redis = await startRedis({ cluster: true });
  const store = await openStore(`redis+cluster://127.0.0.1:${redis.port}`);
  const replies = await Promise.all(
    Array.from({ length: 50 }, async () => store.counters.decide(request({ bounds: [bound(10n)] }))),
  );
  expect(replies.filter(({ admitted }) => admitted)).toHaveLength(10);
});

test('changes of the configuration are heard on a cluster', async () => {
  const redis = await startRedis({ cluster: true });
  const [writer, reader] = await Promise.all(
    [1, 2].map(async () => openStore(`redis+cluster://127.0.0.1:${redis.port}`)),
  );
  const heard = new Promise((resolve) => reader?.documents.onChange((version, keys) => resolve([version, keys])));
  const version = await writer?.documents.write([{ key: ['x'], value: 1 }], {});
  expect(await heard).toEqual([version, [['x']]]);
});

test('a shard that moves to another node is found there, without a failed call', { timeout: 60_000 }, async () => {
  const cluster = await startCluster(2);
  const store = await openStore(cluster.url);
  await store.counters.decide(request());
  const tag = `{s${String(store.counters.shardOf(request())).padStart(2, '0')}}`;
  const { slot, owner } = await cluster.ownerOf(tag);
  const other = cluster.nodes.find((node) => node !== owner) ?? owner;
  const traffic = { calls: 1, running: true };
  const send = async (): Promise<void> => {
    while (traffic.running) {
      await store.counters.decide(request());
      traffic.calls += 1;
    }
  };
  const work = send();
  await cluster.moveSlot(slot, owner, other);
  const moved = traffic.calls;
  await until(() => traffic.calls >= moved + 20, 'calls are answered by the other node');
  traffic.running = false;
  await work;
  expect((await store.health()).ready).toBe(true);
  const [used = 0n] = await store.counters.series('shop', 'app', { metric: 'hits' }, 'eternity', [0]);
  expect(Number(used)).toBe(traffic.calls);
});
