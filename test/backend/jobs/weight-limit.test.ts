import { expect, test } from 'vitest';
import { WeightLimit } from '../../../backend/jobs/weight-limit.ts';
import { Latch } from '../../harness/latch.ts';
import { settle } from '../../harness/clock.ts';

test('work runs at once up to the bound, then in its order', async () => {
  const limit = new WeightLimit(10);
  const started: number[] = [];
  const release = [new Latch(), new Latch(), new Latch(), new Latch()];
  const all = [6, 4, 20, 1].map((weight, index) =>
    limit.run(weight, async () => {
      started.push(weight);
      await release[index]?.wait();
    }),
  );
  await settle();
  expect(started).toEqual([6, 4]);
  release[0]?.open();
  await settle();
  expect(started).toEqual([6, 4]);
  release[1]?.open();
  await settle();
  expect(started).toEqual([6, 4, 20]);
  release[2]?.open();
  release[3]?.open();
  await Promise.all(all);
  expect(started).toEqual([6, 4, 20, 1]);
});

test('work that fails makes room for the next', async () => {
  const limit = new WeightLimit(1);
  await expect(limit.run(1, () => Promise.reject(new Error('no luck')))).rejects.toThrow('no luck');
  expect(await limit.run(1, async () => 'done')).toBe('done');
});
