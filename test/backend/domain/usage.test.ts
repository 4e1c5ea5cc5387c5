import { expect, it } from 'vitest';
import { MetricTable } from '../../../backend/domain/metric.ts';
import { isZero, propagate, readUsage } from '../../../backend/domain/usage.ts';
import type { RawUsage } from '../../../backend/domain/usage.ts';

const metrics = new MetricTable([
  { id: '1', name: 'hits', parentId: null },
  { id: '2', name: 'search', parentId: '1' },
  { id: '3', name: 'deep', parentId: '2' },
  { id: '4', name: 'bytes', parentId: null },
]);

/** What each metric gets, with a `#` before what it is set to; or the message of the error. */
function usageOf(raw: RawUsage): Readonly<Record<string, string>> | string {
  const usage = readUsage(raw, metrics);
  if ('kind' in usage) return usage.message;
  return Object.fromEntries(
    [...propagate(usage)].map(([metric, { value, set }]) => [metric.name, `${set ? '#' : ''}${value}`]),
  );
}

it('adds the usage of a metric to all of its ancestors, and their own to that', () => {
  expect(usageOf([['deep', '2']])).toEqual({ deep: '2', search: '2', hits: '2' });
  expect(
    usageOf([
      ['hits', '1'],
      ['search', '1'],
    ]),
  ).toEqual({ hits: '2', search: '1' });
});

it('lets a set reach all ancestors, the last of several standing', () => {
  expect(usageOf([['deep', '#7']])).toEqual({ deep: '#7', search: '#7', hits: '#7' });
  expect(
    usageOf([
      ['search', '#11'],
      ['deep', '#12'],
    ]),
  ).toEqual({ search: '#12', deep: '#12', hits: '#12' });
});

it.each([
  ['3', '3'],
  [' 3 ', '3'],
  ['3\n', '3'],
  ['007', '7'],
  ['#5', '#5'],
  ['#0', '#0'],
  [' #5', '0'],
  ['9223372036854775807', '9223372036854775807'],
])('reads %j as %s', (value, amount) => {
  expect(usageOf([['bytes', value]])).toEqual({ bytes: amount });
});

it.each(['-1', '+3', '1.5', '1e3', '0x10', '##5', '# 5', '#', '#-1', '\u00a03'])('refuses %j', (value) => {
  expect(usageOf([['bytes', value]])).toBe(`usage value "${value}" for metric "bytes" is invalid`);
});

it.each(['', ' ', '\t\n', null])('finds no value in %j', (value) => {
  expect(usageOf([['bytes', value]])).toBe('usage value for metric "bytes" can not be empty');
});

it('strips names, which are case sensitive', () => {
  expect(usageOf([[' hits ', '1']])).toEqual({ hits: '1' });
  expect(usageOf([['Hits', '1']])).toBe('metric "Hits" is invalid');
});

it('does not spend time on numbers that no counter can hold', () => {
  const usage = readUsage([['bytes', '9'.repeat(1_000_000)]], metrics);
  expect('kind' in usage ? null : [...usage.values()][0]?.value).toBe(2n ** 63n);
});

it('tells usage that adds nothing from usage that cannot be read', () => {
  expect(
    isZero([
      ['hits', '0'],
      ['bytes', ' 00 '],
    ]),
  ).toBe(true);
  expect(isZero([['hits', '#0']])).toBe(false);
  expect(isZero([['hits', '']])).toBe(false);
  expect(isZero([])).toBe(false);
});
