import { expect, test } from 'vitest';
import { bound, entry, lease, NOON, part, request } from '../../../contract/store/requests.ts';
import { until } from '../../../harness/latch.ts';
import { startRedis } from '../../../harness/redis.ts';
import type { PrivateRedis } from '../../../harness/redis.ts';
import { logged, openStore, outcome, recovered } from './support.ts';

test('without a disk or a replica limits are bounded, and the reason is told', async () => {
  const redis = await startRedis();
  const store = await openStore(redis.url);
  expect(await store.health()).toMatchObject({
    limits: 'bounded',
    limitsReason: expect.stringContaining('appendonly is off') as string,
  });
});

test('a file that is synced every second is bounded, one that is always synced exact', async () => {
  const everysec = await openStore((await startRedis({ appendonly: true })).url);
  expect(await everysec.health()).toMatchObject({
    limits: 'bounded',
    limitsReason: expect.stringContaining('appendfsync is everysec') as string,
  });
  const always = await openStore((await startRedis({ appendonly: true, appendfsync: 'always' })).url);
  expect(await always.health()).toMatchObject({ limits: 'exact' });
});

test('a grant is answered when the replica has it', async () => {
  const [master, replica] = await masterAndReplica();
  const store = await openStore(master.url);
  await until(async () => (await store.health()).limits === 'exact', 'the replica is seen', 15_000);
  expect((await store.health()).limitsReason).toContain('on its replica');
  await recovered(store);
  const limited = request({ application: 'limited', bounds: [bound(10n)] });
  const replies = await Promise.all(Array.from({ length: 50 }, async () => store.counters.decide(limited)));
  expect(replies.filter(({ admitted }) => admitted)).toHaveLength(10);
  const tag = `{s${String(store.counters.shardOf(limited)).padStart(2, '0')}}`;
  expect(await replica.cli('HGET', `${tag}e["shop","limited"]`, 'euhits')).toContain('10');
});

test('without the replica no grant is answered, and with it again', async () => {
  const [master, replica] = await masterAndReplica();
  const store = await openStore(master.url, { waitReplicas: 1 });
  await recovered(store);
  replica.pause();
  expect(await outcome(store.counters.decide(request()))).toBe('not_replicated');
  expect(await outcome(store.leases.run([lease()]))).toBe('not_replicated');
  expect(await outcome(store.counters.apply([part(store.counters, 1, [entry(1n)])]))).toBe('not_replicated');
  expect(await outcome(store.leases.heartbeat('e'.repeat(32), NOON))).toBe('not_replicated');
  replica.resume();
  await recovered(store);
  const [repeat] = await store.counters.apply([part(store.counters, 1, [entry(1n)])]);
  expect(repeat).toMatchObject({ result: 'repeat' });
});

test('a replica that is away is told with the remedy, until it is back', { timeout: 60_000 }, async () => {
  const [master, replica] = await masterAndReplica();
  const store = await openStore(master.url);
  await until(async () => (await store.health()).limits === 'exact', 'the replica is seen', 15_000);
  expect((await store.health()).grantsHeld).toBe('');
  await replica.cli('REPLICAOF', 'NO', 'ONE');
  await until(async () => (await store.health()).grantsHeld !== '', 'its absence is seen', 15_000);
  expect(await store.health()).toMatchObject({ ready: true, limits: 'exact' });
  expect((await store.health()).grantsHeld).toContain('REDIS_WAIT_REPLICAS');
  expect(logged.join('')).toContain('"code":"grants_held"');
  await replica.cli('REPLICAOF', '127.0.0.1', String(master.port));
  await until(async () => (await store.health()).grantsHeld === '', 'it is back', 15_000);
  expect(logged.join('')).toContain('"code":"grants_resumed"');
});

test('a repeat is not answered either while the replica lacks it', async () => {
  const [master, replica] = await masterAndReplica();
  const store = await openStore(master.url, { waitReplicas: 1 });
  await recovered(store);
  const message = lease({ want: 5n });
  await store.leases.run([message]);
  replica.pause();
  expect(await outcome(store.leases.run([message]))).toBe('not_replicated');
  replica.resume();
  expect(await store.leases.run([message])).toMatchObject([{ ceiling: 5n, rev: 1 }]);
});

test('an operator can do without replicas, which is then told', async () => {
  const [master] = await masterAndReplica();
  const store = await openStore(master.url, { waitReplicas: 0 });
  expect(await store.health()).toMatchObject({
    limits: 'bounded',
    limitsReason: expect.stringContaining('REDIS_WAIT_REPLICAS is 0') as string,
  });
});

async function masterAndReplica(): Promise<[PrivateRedis, PrivateRedis]> {
  const master = await startRedis({ tcp: true });
  const replica = await startRedis({ replicaof: master });
  await until(async () => (await replica.cli('INFO', 'replication')).includes('master_link_status:up'), 'it is up');
  // The master sees it a moment later.
  await until(async () => (await master.cli('INFO', 'replication')).includes('state=online'), 'the master knows it');
  return [master, replica];
}
