import { expect, test } from 'vitest';
import { bound, entry, lease, part, request } from '../../../contract/store/requests.ts';
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
  const first = await startRedis({ cluster: true });
  const second = await startRedis({ cluster: true });
  await second.cli('CLUSTER', 'FLUSHSLOTS');
  await second.cli('CLUSTER', 'MEET', '127.0.0.1', String(first.port), String(clusterPort(first.port)));
  for (const node of [first, second]) {
    const isWhole = async (): Promise<boolean> =>
      /cluster_state:ok[^]*cluster_slots_ok:16384[^]*cluster_known_nodes:2/.test(await node.cli('CLUSTER', 'INFO'));
    await until(isWhole, 'the cluster has two nodes');
  }
  const ids = await Promise.all([first, second].map(async (node) => bulk(await node.cli('CLUSTER', 'MYID'))));
  const store = await openStore(`redis://127.0.0.1:${first.port},127.0.0.1:${second.port}`);
  await store.counters.decide(request());
  const tag = `{s${String(store.counters.shardOf(request())).padStart(2, '0')}}`;
  const slot = integer(await first.cli('CLUSTER', 'KEYSLOT', tag));
  const traffic = { calls: 1, running: true };
  const send = async (): Promise<void> => {
    while (traffic.running) {
      await store.counters.decide(request());
      traffic.calls += 1;
    }
  };
  const work = send();
  await moveSlot(first, second, slot, ids);
  const moved = traffic.calls;
  await until(() => traffic.calls >= moved + 20, 'calls are answered by the other node');
  traffic.running = false;
  await work;
  expect((await store.health()).ready).toBe(true);
  const [used = 0n] = await store.counters.series('shop', 'app', { metric: 'hits' }, 'eternity', [0]);
  expect(Number(used)).toBe(traffic.calls);
});

type Node = Awaited<ReturnType<typeof startRedis>>;

async function moveSlot(
  from: Node,
  to: Node,
  slot: number,
  [source = '', target = '']: readonly string[],
): Promise<void> {
  await to.cli('CLUSTER', 'SETSLOT', String(slot), 'IMPORTING', source);
  await from.cli('CLUSTER', 'SETSLOT', String(slot), 'MIGRATING', target);
  const reply = await from.cli('CLUSTER', 'GETKEYSINSLOT', String(slot), '1000');
  const keys = reply.split('\r\n').filter((line) => line.startsWith('{'));
  for (const key of keys) await from.cli('MIGRATE', '127.0.0.1', String(to.port), key, '0', '5000');
  await to.cli('CLUSTER', 'SETSLOT', String(slot), 'NODE', target);
  await from.cli('CLUSTER', 'SETSLOT', String(slot), 'NODE', target);
}

function clusterPort(port: number): number {
  return port > 45_000 ? port - 10_000 : port + 10_000;
}

function bulk(reply: string): string {
  return reply.split('\r\n').find((line) => /^[0-9a-f]{40}$/.test(line)) ?? reply.trim();
}

function integer(reply: string): number {
  return Number(/\d+/.exec(reply)?.[0]);
}
