import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isoIn } from '../../../backend/analytics/format.ts';
import { readRange } from '../../../backend/analytics/range.ts';
import { usageIn } from '../../../backend/analytics/usage.ts';
import { RETENTION, horizonAt } from '../../../backend/analytics/windows.ts';
import { Zone } from '../../../backend/analytics/zone.ts';
import { applyParts, partsOf, placeInOrder } from '../../../backend/batches/parts.ts';
import { createMemoryStore } from '../../../backend/store/memory/store.ts';
import { TestClock } from '../../harness/clock.ts';

/** Between two changes of the clock, in Europe on 2024-10-27 and in America on 2024-11-03. */
const NOW = Date.parse('2024-11-15T10:20:30Z');
const DAY = 86_400_000;
const KEPT = { horizon: horizonAt(NOW), retention: RETENTION };

interface Use {
  readonly at: number;
  readonly amount: bigint;
}

async function storeWith(uses: readonly Use[]) {
  const store = createMemoryStore({ clock: new TestClock(NOW) });
  const entries = uses.map(({ at, amount }) => {
    const additions = [{ metric: 'hits', use: amount, take: amount, set: false }];
    return { service: 's', application: 'a', at, additions, codes: [] };
  });
  const identity = { epoch: 'e'.repeat(32), sequence: 0, floor: 0, digest: 'd' };
  await applyParts(store.counters, partsOf(identity, placeInOrder(entries, store.counters)));
  return store;
}

/** The local day or hour of a moment, by the calendar of the runtime: `2024-10-27T02+02:00`. */
function labelOf(zone: Zone, at: number, granularity: string): string {
  const text = isoIn(zone, at);
  return granularity === 'day' ? text.slice(0, 10) : text.slice(0, 13) + text.slice(19);
}

test('each value is what was used in that local day or hour, also where the clock changes', async () => {
  const use = fc.record({ at: fc.integer({ min: NOW - 25 * DAY, max: NOW }), amount: fc.bigInt({ min: 1n, max: 9n }) });
  const zones = ['UTC', 'Europe/Madrid', 'America/New_York', 'America/Santiago', 'Asia/Tokyo', 'Pacific/Kiritimati'];
  await fc.assert(
    fc.asyncProperty(
      fc.array(use, { minLength: 1, maxLength: 60 }),
      fc.constantFrom(...zones),
      fc.constantFrom('day', 'hour'),
      async (uses, timezone, granularity) => {
        const store = await storeWith(uses);
        const range = readRange({ since: '2024-10-20', until: '2024-11-17', granularity, timezone }, NOW);
        const subject = { service: 's', application: 'a', counter: { metric: 'hits' } };
        const { values, total } = await usageIn(store.counters, subject, range, KEPT);
        const expected = new Map(range.buckets.map((start) => [labelOf(range.zone, start, granularity), 0n]));
        for (const { at, amount } of uses) {
          const label = labelOf(range.zone, at, granularity);
          expected.set(label, (expected.get(label) ?? 0n) + amount);
        }
        expect(values).toEqual([...expected.values()]);
        expect(total).toBe(uses.reduce((sum, { amount }) => sum + amount, 0n));
      },
    ),
    { numRuns: 60 },
  );
});

test.each(['Asia/Kolkata', 'Asia/Kathmandu', 'Australia/Adelaide', 'America/St_Johns', 'Australia/Lord_Howe'])(
  'in %s, with half an hour in its offset, days and hours add up to the same',
  async (timezone) => {
    const uses = Array.from({ length: 400 }, (_, i) => ({ at: NOW - i * 4_937_000, amount: BigInt(i + 1) }));
    const store = await storeWith(uses);
    const totals = await Promise.all(
      ['day', 'hour'].map(async (granularity) => {
        const range = readRange({ since: '2024-10-20', until: '2024-11-17 23:59', granularity, timezone }, NOW);
        const subject = { service: 's', application: null, counter: { metric: 'hits' } };
        return (await usageIn(store.counters, subject, range, KEPT)).total;
      }),
    );
    expect(totals).toEqual([80_200n, 80_200n]);
  },
);

test('a zone is known by its name, whatever the spelling of UTC', () => {
  expect(Zone.of('Etc/UTC')?.name).toBe('UTC');
  expect(Zone.of('europe/madrid')?.offset(NOW)).toBe(3_600_000);
  expect(Zone.of(`X${'x'.repeat(100)}`)).toBeNull();
});
