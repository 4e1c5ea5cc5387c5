import { expect, test } from 'vitest';
import { atLeast, atMost } from '../../load/verdict.ts';

test('at most: the bound itself passes, above it fails', () => {
  expect(atMost('cost', 1.3, 1.3, 1)).toMatchObject({ passed: true, aimed: false });
  expect(atMost('cost', 1, 1.3, 1)).toMatchObject({ passed: true, aimed: true });
  expect(atMost('cost', 1.31, 1.3, 1)).toMatchObject({ passed: false, aimed: false });
});

test('at least: the bound itself passes, below it fails', () => {
  expect(atLeast('share', 0.8, 0.8, 0.9)).toMatchObject({ passed: true, aimed: false });
  expect(atLeast('share', 0.9, 0.8, 0.9)).toMatchObject({ passed: true, aimed: true });
  expect(atLeast('share', 0.79, 0.8, 0.9)).toMatchObject({ passed: false, aimed: false });
});

test('a figure that is missing passes nothing', () => {
  expect(atMost('cost', Number.NaN, 1)).toMatchObject({ passed: false, aimed: false });
  expect(atLeast('share', Number.NaN, 1)).toMatchObject({ passed: false, aimed: false });
});
