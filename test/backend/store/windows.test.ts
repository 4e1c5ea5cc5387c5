import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMemoryStore } from '../../../backend/store/memory/store.ts';
import { leaseSpan } from '../../../backend/store/windows.ts';
import { PERIODS, periodsFrom, windowEnd, windowStart } from '../../../shared/period.ts';
import { runningFrom } from '../../contract/store/clock.ts';
import { APPLICATION, bound, lease } from '../../contract/store/requests.ts';

const DAY = 86_400_000;
const FIRST = Date.UTC(1999, 11, 20);
const LAST = Date.UTC(2033, 0, 20);

const period = fc.constantFrom(...PERIODS);
/** Anywhere, and within a millisecond of where any window of a day or longer begins. */
const moment = fc.oneof(
  fc.integer({ min: FIRST, max: LAST }),
  fc
    .tuple(fc.integer({ min: FIRST, max: LAST }), fc.constantFrom('day', 'week', 'month', 'year'), fc.nat(2))
    .map(([at, of, off]) => windowStart(of, at) + off - 1),
);

test('a lease lives in one window of its period and of every longer one', () => {
  fc.assert(
    fc.property(period, moment, (smallest, at) => {
      const { start, end } = leaseSpan(smallest, at);
      expect(start).toBeLessThanOrEqual(at);
      expect(end).toBeGreaterThan(at);
      for (const each of periodsFrom(smallest)) {
        expect(windowStart(each, start)).toBe(windowStart(each, at));
        expect(windowStart(each, end - 1)).toBe(windowStart(each, at));
      }
    }),
    { numRuns: 2_000 },
  );
});

test('the next lease begins where this one ends, and any moment of a lease names the same one', () => {
  fc.assert(
    fc.property(period, moment, fc.double({ min: 0, max: 1, noNaN: true }), (smallest, at, share) => {
      const span = leaseSpan(smallest, at);
      expect(
        leaseSpan(smallest, Math.min(span.end - 1, Math.floor(span.start + share * (span.end - span.start)))),
      ).toEqual(span);
      if (smallest !== 'eternity') expect(leaseSpan(smallest, span.end).start).toBe(span.end);
    }),
    { numRuns: 2_000 },
  );
});

test('of a week only that is cut which another month or year begins in', () => {
  fc.assert(
    fc.property(moment, (at) => {
      const { start, end } = leaseSpan('week', at);
      expect([windowStart('week', at), windowStart('month', at)]).toContain(start);
      expect([windowEnd('week', at), windowEnd('month', at)]).toContain(end);
    }),
    { numRuns: 2_000 },
  );
});

test('a week that two months share is one week for its limit, and two months for theirs', async () => {
  // 2024-01-29 to 2024-02-04.
  const monday = Date.UTC(2024, 0, 29);
  const february = Date.UTC(2024, 1, 1);
  const { counters, leases } = createMemoryStore({ clock: runningFrom(monday) });
  const limits = { bounds: [bound(20n, 'week'), bound(100n, 'month')], period: 'week' } as const;
  const [january] = await leases.run([lease({ ...limits, at: february - 1, want: 6n })]);
  expect(january).toMatchObject({ start: monday, end: february, ceiling: 6n, rooms: [14n, 94n] });
  const [rest] = await leases.run([lease({ ...limits, number: 2, at: february, want: 5n })]);
  expect(rest).toMatchObject({ start: february, end: monday + 7 * DAY, ceiling: 5n, rooms: [9n, 95n] });
  const taken = async (at: number, of: string): Promise<unknown> =>
    (await counters.accounts(APPLICATION, at)).find((each) => each.period === of)?.taken;
  expect(await taken(monday, 'week')).toBe(11n);
  expect(await taken(february, 'week')).toBe(11n);
  expect(await taken(monday, 'month')).toBe(6n);
  expect(await taken(february, 'month')).toBe(5n);
});
