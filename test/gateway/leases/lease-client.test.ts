import { beforeEach, expect, test } from 'vitest';
import { MONDAY } from '../../harness/clock.ts';
import type { Usage } from '../../../gateway/rules/usage.ts';
import { LeasedWorld } from '../support/leased-world.ts';
import type { TestGateway } from '../support/leased-world.ts';

const HITS: Usage = { index: 0, entries: [{ metric: 'hits', amount: 1 }], onSuccess: false };

let world: LeasedWorld;
let gateway: TestGateway;

beforeEach(() => {
  world = new LeasedWorld();
  world.plans.limitsOf.set('a', [{ metric: 'hits', period: 'minute', max: 1_000 }]);
  gateway = world.gateway();
});

function current() {
  const lease = gateway.authorizer.client.slots.find('42', 'a', 'hits')?.current;
  if (lease === undefined || lease === null) throw new Error('there is no lease');
  return lease;
}

test('a lease is in the journal before anything is said of it', async () => {
  gateway.journal.full = true;
  gateway.request('key-a', HITS);
  await world.clock.advance(200);
  expect(world.calls.leases).toBe(0);
  gateway.journal.full = false;
  await world.clock.advance(100);
  expect([...gateway.journal.folder.leases.keys()]).toEqual([1]);
  expect(world.calls.leases).toBe(1);
});

test('a message without an answer is said again, word for word, until it is answered', async () => {
  await gateway.ask('key-a', HITS);
  const lease = current();
  world.cut = true;
  for (let count = 0; count < 4; count += 1) gateway.request('key-a', HITS);
  gateway.authorizer.commit();
  await world.clock.advance(300);
  const { rev } = lease;
  const before = world.calls.leases;
  world.cut = false;
  await world.clock.advance(2_000);
  expect(lease.rev).toBeGreaterThanOrEqual(rev);
  expect(before).toBeGreaterThan(1);
  expect(lease.unspent).toBeGreaterThan(0);
});

test('the window after this one is leased before it begins, and its usage is dated in it', async () => {
  for (let second = 0; second < 49; second += 1) {
    await gateway.ask('key-a', HITS);
    await world.clock.advance(1_000);
  }
  const slot = gateway.authorizer.client.slots.find('42', 'a', 'hits');
  expect(slot?.next?.windowStart).toBe(MONDAY + 60_000);
  await world.clock.advance(3_000);
  const { waited } = await gateway.ask('key-a', HITS);
  expect(waited).toBe(false);
  expect(current().windowStart).toBe(MONDAY + 60_000);
  expect(gateway.journal.folder.active.at(-1)?.at).toBeGreaterThanOrEqual(MONDAY + 60_000);
});

test('what is not needed goes back, and a lease that nobody uses is closed', async () => {
  world.plans.limitsOf.set('a', [{ metric: 'hits', period: 'day', max: 1_000 }]);
  for (let count = 0; count < 100; count += 1) await gateway.ask('key-a', HITS);
  await world.clock.advance(5_000);
  expect(current().unspent).toBeLessThanOrEqual(4);
  await world.clock.advance(70_000);
  expect(gateway.authorizer.client.slots.size).toBe(0);
  const { leases } = await world.store.leases.list(null, 10);
  expect(leases.map(({ final, used, ceiling }) => [final, used === ceiling])).toEqual([[true, true]]);
});

test('when the store forgets, everything that is held is said again, and what was closed lately', async () => {
  const snapshot = world.store.snapshot();
  for (let count = 0; count < 20; count += 1) await gateway.ask('key-a', HITS);
  await world.clock.advance(500);
  const held = current().ceiling;
  world.store.restore(snapshot, 'another run');
  await world.clock.advance(2_000);
  expect(gateway.storeChanges).toBe(1);
  expect((await world.accounts('a')).taken).toBeGreaterThanOrEqual(20);
  expect(current().ceiling).toBeLessThanOrEqual(held);
});

test('a dead gateway is closed at what its journal says was used', async () => {
  for (let count = 0; count < 7; count += 1) await gateway.ask('key-a', HITS);
  const { epoch } = gateway.journal;
  const leases = gateway.journal.folder.openLeases();
  gateway.authorizer.stop();
  expect((await world.accounts('a')).taken).toBeGreaterThan(7);
  const closed: number[] = [];
  const heir = world.gateway();
  await world.clock.advance(100);
  heir.authorizer.client.adopt(epoch, leases, (number) => closed.push(number));
  await world.clock.advance(1_000);
  expect((await world.accounts('a')).taken).toBe(7);
  await world.clock.advance(62_000);
  expect(closed).toEqual([1]);
});

test('units that others are short of are told and given up', async () => {
  world.plans.limitsOf.set('a', [{ metric: 'hits', period: 'minute', max: 12 }]);
  const other = world.gateway();
  await gateway.ask('key-a', HITS);
  let allowed = 1;
  for (let count = 0; count < 40; count += 1) {
    if ((await other.ask('key-a', HITS)).decision?.allowed === true) allowed += 1;
    await world.clock.advance(100);
  }
  expect(allowed).toBe(12);
});

test('many messages go in one call', async () => {
  for (let index = 0; index < 60; index += 1)
    world.plans.limitsOf.set(`c${index}`, [{ metric: 'hits', period: 'minute', max: 100 }]);
  const answered = Array.from({ length: 60 }, (_, index) => gateway.request(`key-c${index}`, HITS));
  await world.clock.advance(100);
  expect(answered.every(({ decision }) => decision?.allowed === true)).toBe(true);
  expect(world.calls.leases).toBeLessThanOrEqual(2);
});
