import { expect, test } from 'vitest';
import { pairedRatio, spread } from '../../load/statistics.ts';

test('the median of an even number of rounds lies between the middle two', () => {
  expect(spread([4, 1, 3, 2])).toEqual({ median: 2.5, least: 1, greatest: 4 });
  expect(spread([9, 1, 2])).toEqual({ median: 2, least: 1, greatest: 9 });
});

test('ratios are taken round by round, not of the medians', () => {
  expect(pairedRatio([10, 20, 40], [10, 10, 10]).median).toBe(2);
  expect(pairedRatio([1, 100, 10], [1, 100, 5])).toEqual({ median: 1, least: 1, greatest: 2 });
});
