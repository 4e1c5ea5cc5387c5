import { expect, test } from 'vitest';
import { Lease } from '../../../gateway/leases/lease.ts';
import { unitsRemaining } from '../../../gateway/leases/remaining.ts';
import { applyReply } from '../../../gateway/leases/replies.ts';
import { Slots } from '../../../gateway/leases/slots.ts';
import type { LeaseReply } from '../../../shared/wire/leases.ts';
import { Folder, SimulatedJournal } from '../support/memory-journal.ts';

const LEASE_TIME = 1_000;
const REPLY: LeaseReply = {
  number: 1,
  rev: 1,
  code: 'ok',
  ceiling: 10,
  start: 0,
  end: 60_000,
  period: 'minute',
  room: 90,
  active: 1,
  elsewhere: 0,
  tightest: { metric: 'hits', period: 'minute', max: 100, end: 60_000 },
  retryAt: null,
  shrink: false,
  frozen: false,
  replan: false,
  version: 1,
};

test('alone, half of the room is promised however long ago it was told', () => {
  const lease = answered({}, 0);
  expect(unitsRemaining(lease, 0, LEASE_TIME)).toBe(10 + 45);
  expect(unitsRemaining(lease, 30_000, LEASE_TIME)).toBe(10 + 45);
});

test('what was spent here is not promised again', () => {
  const lease = answered({}, 0);
  lease.used = 4;
  expect(unitsRemaining(lease, 0, LEASE_TIME)).toBe(6 + 45);
});

test.each([
  ['another holder', { active: 2 }, 22],
  ['units elsewhere', { elsewhere: 5 }, 45],
  ['units that somebody else took', { room: 80 }, 40],
])('%s: the share of the room goes within a lease time', (_why, changes, share) => {
  const lease = answered(changes, 0);
  expect(unitsRemaining(lease, 0, LEASE_TIME)).toBe(10 + share);
  expect(unitsRemaining(lease, 500, LEASE_TIME)).toBe(10 + Math.floor(share / 2));
  expect(unitsRemaining(lease, 1_000, LEASE_TIME)).toBe(10);
});

test('a later answer shows that units went which this lease did not get', () => {
  const lease = answered({}, 0);
  applyReply(lease, { ...REPLY, rev: 2, ceiling: 15, room: 85 }, times(1_000), 0);
  expect(unitsRemaining(lease, 5_000, LEASE_TIME)).toBe(15 + 42);
  applyReply(lease, { ...REPLY, rev: 3, ceiling: 15, room: 84 }, times(2_000), 0);
  expect(unitsRemaining(lease, 5_000, LEASE_TIME)).toBe(15);
});

test('others that were not seen for a minute are no longer reckoned with', () => {
  const lease = answered({ active: 2 }, 0);
  applyReply(lease, { ...REPLY, rev: 2 }, times(61_000), 0);
  expect(unitsRemaining(lease, 63_000, LEASE_TIME)).toBe(10 + 45);
});

test('a limit that is passed promises only what is held', () => {
  expect(unitsRemaining(answered({ room: -7 }, 0), 0, LEASE_TIME)).toBe(10);
});

function answered(changes: Partial<LeaseReply>, at: number): Lease {
  const journal = new SimulatedJournal(new Folder('0'.repeat(32)), () => undefined, null);
  const slot = new Slots(journal, 1).get('shop', 'app', 'hits', at);
  if (slot === null) throw new Error('the table is full');
  const lease = new Lease(1, slot, false, at);
  applyReply(lease, { ...REPLY, ...changes }, times(at), 0);
  return lease;
}

function times(at: number): { sentAt: number; answeredAt: number; backendNow: number } {
  return { sentAt: at, answeredAt: at, backendNow: at };
}
