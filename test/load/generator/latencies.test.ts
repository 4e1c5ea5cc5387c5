import { expect, test } from 'vitest';
import { Latencies } from '../../../load/generator/latencies.ts';

test('a quantile is the latency that this share did not exceed', () => {
  const latencies = new Latencies();
  for (let value = 1; value <= 100; value++) latencies.add(value);
  expect([0.5, 0.95, 0.99, 1].map((share) => latencies.quantile(share))).toEqual([50, 95, 99, 100]);
  expect(latencies.count).toBe(100);
});

test('latencies above 20 ms are kept in steps of 0.1 ms, the longest of all as they are', () => {
  const latencies = new Latencies();
  latencies.add(25_678);
  latencies.add(60_000_000);
  expect(latencies.quantile(0.5)).toBe(25_600);
  expect(latencies.quantile(1)).toBe(9_999_900);
});
