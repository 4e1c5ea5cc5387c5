import { expect, it } from 'vitest';
import { Restarts } from '../../../gateway/workers/restarts.ts';

it('a worker that ends is started again at once, then after ever longer pauses, and in the end no more', () => {
  const restarts = new Restarts();
  const pauses = Array.from({ length: 8 }, () => restarts.ended(0));
  expect(pauses).toEqual([0, 100, 200, 400, 800, 1600, 3200, null]);
});

it('one that served for a minute begins again at no pause', () => {
  const restarts = new Restarts();
  for (const servedMs of [0, 10_000, 59_999]) restarts.ended(servedMs);
  expect(restarts.ended(60_000)).toBe(0);
  expect(restarts.ended(1_000)).toBe(100);
});
