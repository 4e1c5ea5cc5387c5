import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Demand } from '../../../gateway/leases/demand.ts';
import { Lease } from '../../../gateway/leases/lease.ts';
import { inHand, renewBelow, unitsKept, unitsWanted } from '../../../gateway/leases/sizing.ts';
import type { Slot } from '../../../gateway/leases/slot.ts';
import { Slots } from '../../../gateway/leases/slots.ts';
import { Folder, SimulatedJournal } from '../support/memory-journal.ts';

const PACE = { leaseTime: 1_000, roundTrip: 5 };

function slot(): Slot {
  const journal = new SimulatedJournal(new Folder('0'.repeat(32)), () => undefined, null);
  const made = new Slots(journal, 1).get('s', 'a', 'hits', 0);
  if (made === null) throw new Error('the table is full');
  return made;
}

function lease(levels: Partial<Pick<Lease, 'ceiling' | 'used' | 'room' | 'active'>>): Lease {
  return Object.assign(new Lease(1, slot(), false, 0), { period: 'minute' }, levels);
}

test('a lease time and two round trips of demand are asked for, with a fifth more', () => {
  expect(unitsWanted(lease({ used: 10, room: 1_000_000 }), 100, 0, PACE)).toBe(10 + 122);
});

test('an idle gateway keeps a few units while quota is ample, none when it is scarce', () => {
  expect(inHand(lease({ room: 1_000, active: 5 }))).toBe(4);
  expect(inHand(lease({ room: 30, active: 5 }))).toBe(1);
  expect(inHand(lease({ room: 3, active: 5 }))).toBe(0);
  expect(inHand(lease({ room: -5, active: 1 }))).toBe(0);
});

test('what is scarce goes back but for what the next moments need', () => {
  const scarce = lease({ ceiling: 50, used: 10, room: 3, active: 2 });
  expect(unitsKept(scarce, 20, 0, PACE)).toBe(3);
  expect(unitsKept(scarce, 0, 0, PACE)).toBe(0);
});

test('more is never kept than is there, and renewal begins before the end', () => {
  fc.assert(
    fc.property(
      fc.nat(10_000),
      fc.nat(10_000),
      fc.integer({ min: -100, max: 100_000 }),
      fc.nat(5_000),
      (used, unspent, room, rate) => {
        const held = lease({ used, ceiling: used + unspent, room, active: 1 + (room & 7) });
        expect(unitsKept(held, rate, 0, PACE)).toBeLessThanOrEqual(unspent);
        expect(unitsWanted(held, rate, 1, PACE)).toBeGreaterThanOrEqual(used + 1);
        expect(renewBelow(held, rate, PACE)).toBeLessThan(Math.max(4, unitsWanted(held, rate, 0, PACE) - used + 1));
      },
    ),
  );
});

test('demand follows what is asked, and a few requests are none', () => {
  const demand = new Demand(0);
  for (let count = 0; count < 50; count += 1) demand.add(1);
  expect(demand.beginning(100)).toBe(500);
  demand.update(500, 500);
  expect([demand.rate, demand.beginning(600)]).toEqual([100, 0]);
  demand.update(1_000, 500);
  expect(demand.rate).toBe(50);
  const rare = new Demand(0);
  rare.add(4);
  expect(rare.beginning(10)).toBe(0);
});
