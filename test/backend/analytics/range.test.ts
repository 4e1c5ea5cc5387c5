import { expect, test } from 'vitest';
import { isoIn } from '../../../backend/analytics/format.ts';
import { previousRange, readRange } from '../../../backend/analytics/range.ts';
import type { RangeParameters } from '../../../backend/analytics/range.ts';

const NOW = Date.parse('2024-03-15T10:20:30Z');

function range(parameters: RangeParameters, now = NOW) {
  const found = readRange(parameters, now);
  return {
    found,
    count: found.buckets.length,
    since: isoIn(found.zone, found.start),
    until: isoIn(found.zone, found.end),
    buckets: found.buckets.map((start) => isoIn(found.zone, start)),
  };
}

test('a period without since ends with the bucket that holds now', () => {
  const { count, since, until } = range({ period: 'day' });
  expect([count, since, until]).toEqual([24, '2024-03-14T11:00:00Z', '2024-03-15T11:00:00Z']);
});

test.each([
  ['year', 12, '2023-04-01T00:00:00Z'],
  ['month', 29, '2024-02-16T00:00:00Z'],
  ['week', 7, '2024-03-09T00:00:00Z'],
])('a %s has a granularity of its own', (period, count, since) => {
  expect(range({ period })).toMatchObject({ count, since });
});

test('a period with since begins there, rounded down, and is one period long', () => {
  expect(range({ period: 'month', since: '2024-02-01' })).toMatchObject({
    count: 29,
    since: '2024-02-01T00:00:00Z',
    until: '2024-03-01T00:00:00Z',
  });
  expect(range({ period: 'year', since: '2023-06-15' })).toMatchObject({
    count: 13,
    since: '2023-06-01T00:00:00Z',
    until: '2024-07-01T00:00:00Z',
  });
});

test('a month from the 31st ends in the short month that follows', () => {
  expect(range({ period: 'month', since: '2023-01-31' })).toMatchObject({ count: 28, until: '2023-02-28T00:00:00Z' });
});

test('until is included', () => {
  const day = { since: '2024-02-28', until: '2024-03-01', granularity: 'day' };
  expect(range(day).buckets).toEqual(['2024-02-28T00:00:00Z', '2024-02-29T00:00:00Z', '2024-03-01T00:00:00Z']);
  expect(range({ since: '2024-03-15 09:59', until: '2024-03-15 10:01', granularity: 'minute' }).count).toBe(3);
});

function hours(since: string, timezone: string): number {
  return range({ period: 'day', since, granularity: 'hour', timezone }).count;
}

test('a day has 23, 24 or 25 hours where the clock changes', () => {
  expect(hours('2024-03-31', 'Europe/Madrid')).toBe(23);
  expect(hours('2024-10-27', 'Europe/Madrid')).toBe(25);
  expect(hours('2024-10-28', 'Europe/Madrid')).toBe(24);
  expect(hours('2024-03-10', 'America/New_York')).toBe(23);
  expect(hours('2024-04-26', 'Africa/Cairo')).toBe(23);
});

test('a repeated hour is two buckets with different offsets', () => {
  const { buckets } = range({ period: 'day', since: '2024-10-27', granularity: 'hour', timezone: 'Europe/Madrid' });
  expect(buckets.slice(2, 4)).toEqual(['2024-10-27T02:00:00+02:00', '2024-10-27T02:00:00+01:00']);
});

test('days begin where the local day begins, also when midnight is skipped', () => {
  const { buckets } = range({ since: '2024-04-25', until: '2024-04-27', granularity: 'day', timezone: 'Africa/Cairo' });
  expect(buckets).toEqual(['2024-04-25T00:00:00+02:00', '2024-04-26T01:00:00+03:00', '2024-04-27T00:00:00+03:00']);
});

test('a change of half an hour leaves no gap and no overlap', () => {
  const spring = range({ period: 'day', since: '2024-10-06', granularity: 'hour', timezone: 'Australia/Lord_Howe' });
  const autumn = range({ period: 'day', since: '2024-04-07', granularity: 'hour', timezone: 'Australia/Lord_Howe' });
  expect(spring.found.end - spring.found.start).toBe(23.5 * 3_600_000);
  expect(autumn.found.end - autumn.found.start).toBe(24.5 * 3_600_000);
  expect(spring.found.buckets).toEqual([...new Set(spring.found.buckets)].toSorted((a, b) => a - b));
});

test('a day that a zone left out is no bucket', () => {
  const { buckets } = range({ since: '2011-12-29', until: '2011-12-31', granularity: 'day', timezone: 'Pacific/Apia' });
  expect(buckets).toEqual(['2011-12-29T00:00:00-10:00', '2011-12-31T00:00:00+14:00']);
});

test('zones with half and quarter hours have whole local hours', () => {
  expect(range({ period: 'day', timezone: 'Asia/Kolkata' }).since).toBe('2024-03-14T16:00:00+05:30');
  expect(range({ period: 'day', timezone: 'Asia/Kathmandu' }).since).toBe('2024-03-14T17:00:00+05:45');
});

test('a since with an offset of its own is that moment', () => {
  const { since } = range({ period: 'day', since: '2024-03-10T00:00:00+05:30', timezone: 'UTC' });
  expect(since).toBe('2024-03-09T18:00:00Z');
});

test('the range before a calendar month is the month before, whatever their lengths', () => {
  const before = previousRange(range({ period: 'month', since: '2024-03-01' }).found);
  expect([before.start, before.end]).toEqual([Date.UTC(2024, 1, 1), Date.UTC(2024, 2, 1)]);
});

test('the range before since and until has as many values', () => {
  const parameters = { since: '2024-03-30', until: '2024-04-01', granularity: 'day', timezone: 'Europe/Madrid' };
  const { found } = range(parameters);
  const before = previousRange(found);
  expect(before.buckets).toHaveLength(3);
  expect(before.end).toBe(found.start);
});

test.each<[string, RangeParameters]>([
  ['period "decade" is not known; use one of year, month, week, day', { period: 'decade' }],
  ['granularity "second" is not known; use one of month, day, hour, minute', { period: 'day', granularity: 'second' }],
  ['timezone "Mars/Olympus" is not known', { period: 'day', timezone: 'Mars/Olympus' }],
  ['timezone "+02:00" is not known', { period: 'day', timezone: '+02:00' }],
  ['since "yesterday" is not a date', { period: 'day', since: 'yesterday' }],
  ['since "2024-02-30" is not a date', { period: 'day', since: '2024-02-30' }],
  ['since "2024-01-01 24:00" is not a date', { period: 'day', since: '2024-01-01 24:00' }],
  ['since "1969-12-31" is not a date', { period: 'day', since: '1969-12-31' }],
  ['until is before since', { since: '2024-02-02', until: '2024-02-01', granularity: 'day' }],
  ['until cannot be used with period', { period: 'day', until: '2024-02-01' }],
  ['give period', { since: '2024-02-01', granularity: 'day' }],
  ['give period', {}],
  ['granularity is missing', { since: '2024-02-01', until: '2024-02-02' }],
  ['more than 120 values', { since: '2000-01-01', until: '2024-01-01', granularity: 'month' }],
  ['more than 2200 values', { since: '1970-01-01', until: '9999-12-31', granularity: 'hour' }],
])('%s', (sentence, parameters) => {
  expect(() => readRange(parameters, NOW)).toThrow(sentence);
});
