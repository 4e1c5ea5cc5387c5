import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startOf, starts } from '../../../backend/analytics/calendar.ts';
import type { Granularity } from '../../../backend/analytics/calendar.ts';
import { horizonAt, isApproximate, windowsOf } from '../../../backend/analytics/windows.ts';
import type { Window } from '../../../backend/analytics/windows.ts';
import { Zone } from '../../../backend/analytics/zone.ts';
import { windowEnd } from '../../../shared/period.ts';

const NOW = Date.parse('2024-11-15T10:20:30Z');
const HORIZON = horizonAt(NOW);

function zone(name: string): Zone {
  const found = Zone.of(name);
  if (found === null) throw new Error(`no zone ${name}`);
  return found;
}

function names(windows: readonly Window[]): string[] {
  return windows.map(({ period, start }) => `${period} ${new Date(start).toISOString().slice(0, 16)}`);
}

test('in UTC a bucket is one window', () => {
  expect(names(windowsOf(Date.UTC(2024, 9, 1), Date.UTC(2024, 10, 1), Zone.utc, HORIZON))).toEqual([
    'month 2024-10-01T00:00',
  ]);
});

test('a local day is the hours of two UTC days', () => {
  const madrid = zone('Europe/Madrid');
  const start = madrid.instant({ year: 2024, month: 10, day: 27, hour: 0, minute: 0, second: 0 });
  const windows = windowsOf(start, start + 25 * 3_600_000, madrid, HORIZON);
  expect(windows).toHaveLength(25);
  expect(names(windows)[0]).toBe('hour 2024-10-26T22:00');
});

test('a local month is whole UTC days with hours at its edges', () => {
  const madrid = zone('Europe/Madrid');
  const [start = 0, end = 0] = starts('month', startOf('month', NOW, madrid), NOW + 40 * 86_400_000, madrid, 5);
  const windows = names(windowsOf(start, end, madrid, HORIZON));
  expect(windows.slice(0, 2)).toEqual(['hour 2024-10-31T23:00', 'day 2024-11-01T00:00']);
  expect(windows.at(-1)).toBe('hour 2024-11-30T22:00');
});

test('where hours are gone the UTC day of the same date stands for the local one', () => {
  const tokyo = zone('Asia/Tokyo');
  const start = tokyo.instant({ year: 2024, month: 5, day: 10, hour: 0, minute: 0, second: 0 });
  expect(names(windowsOf(start, start + 86_400_000, tokyo, HORIZON))).toEqual(['day 2024-05-10T00:00']);
  expect(isApproximate(start, start + 86_400_000, tokyo, HORIZON)).toBe(true);
});

test('where days are gone the UTC month stands for the local one', () => {
  const tokyo = zone('Asia/Tokyo');
  const start = tokyo.instant({ year: 2020, month: 5, day: 1, hour: 0, minute: 0, second: 0 });
  const end = tokyo.instant({ year: 2020, month: 6, day: 1, hour: 0, minute: 0, second: 0 });
  expect(names(windowsOf(start, end, tokyo, HORIZON))).toEqual(['month 2020-05-01T00:00']);
});

test('an hour of UTC counts where it begins, in a zone with half an hour in its offset', () => {
  const kolkata = zone('Asia/Kolkata');
  const start = kolkata.instant({ year: 2024, month: 11, day: 14, hour: 0, minute: 0, second: 0 });
  const windows = names(windowsOf(start, start + 86_400_000, kolkata, HORIZON));
  expect(windows).toHaveLength(24);
  expect([windows[0], windows.at(-1)]).toEqual(['hour 2024-11-13T19:00', 'hour 2024-11-14T18:00']);
});

test('neighbouring spans share no window and leave none out, in every zone, at every age', () => {
  const zones = [
    'UTC',
    'Europe/Madrid',
    'Asia/Kolkata',
    'Asia/Kathmandu',
    'Australia/Lord_Howe',
    'America/St_Johns',
    'Pacific/Apia',
    'Africa/Cairo',
  ];
  const age = fc.integer({ min: 0, max: 4 * 365 * 24 * 60 });
  const kept = 31 * 24 * 60;
  const granularity = fc.constantFrom<Granularity>('month', 'day', 'hour');
  fc.assert(
    fc.property(fc.constantFrom(...zones), granularity, age, (name, unit, minutes) => {
      const local = zone(name);
      // Hours are only asked for while they are kept.
      const from = startOf(unit, NOW - (unit === 'hour' ? minutes % kept : minutes) * 60_000, local);
      const buckets = starts(unit, from, NOW, local, 40).slice(0, 40);
      const windows = buckets.slice(1).flatMap((end, i) => windowsOf(buckets[i] ?? 0, end, local, HORIZON));
      const ends = windows.map(({ period, start }) => windowEnd(period, start));
      expect(windows.slice(1).map(({ start }) => start)).toEqual(ends.slice(0, -1));
    }),
    { numRuns: 300 },
  );
});
