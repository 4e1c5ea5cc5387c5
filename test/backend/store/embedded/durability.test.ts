import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../harness/folder.ts';
import { createEmbeddedStore } from '../../../../backend/store/embedded/store.ts';
import { systemClock } from '../../../../shared/clock.ts';
import { NOON, request } from '../../../contract/store/requests.ts';
import { TestClock } from '../../../harness/clock.ts';
import { startNode } from '../../../harness/process.ts';

test('kill -9 loses nothing that was answered, and counts nothing that was not asked for', async () => {
  const folder = await temporaryFolder();
  let total = 0n;
  for (let round = 0; round < 5; round++) {
    const child = await startNode('dist/test/backend/store/embedded/writer-child.js', [folder]);
    await child.line(new RegExp(`decided ${20 + round * 7} applied`));
    await child.kill();
    const told = [...child.stdout.matchAll(/decided (\d+) applied (\d+) end/g)].at(-1);
    const store = await createEmbeddedStore({ folder }, { clock: systemClock });
    const [decided = 0n] = await store.counters.series('shop', 'decided', { metric: 'hits' }, 'eternity', [0]);
    const before = total;
    total = decided;
    // Two deciders: at most two decisions were on their way.
    expect(Number(decided - before)).toBeGreaterThanOrEqual(Number(told?.[1]));
    expect(Number(decided - before)).toBeLessThanOrEqual(Number(told?.[1]) + 2);
    const [applied = 0n] = await store.counters.series('shop', 'applied', { metric: 'hits' }, 'eternity', [0]);
    expect(Number(applied)).toBeGreaterThanOrEqual(Number(told?.[2]));
    await store.close();
  }
});

test('a store that is opened again holds what was written, under the same identity', async () => {
  const folder = await temporaryFolder();
  const first = await createEmbeddedStore({ folder }, { clock: systemClock });
  const identity = first.identity();
  await first.counters.decide(request());
  await first.documents.write([{ key: ['a'], value: 1 }], {});
  await first.logs.append(['log'], 'item', 5);
  await first.close();
  const second = await createEmbeddedStore({ folder }, { clock: systemClock });
  expect(second.identity()).toBe(identity);
  expect(await second.counters.series('shop', 'app', { metric: 'hits' }, 'eternity', [0])).toEqual([1n]);
  expect(await second.documents.get(['a'])).toBe(1);
  expect(await second.logs.count(['log'])).toBe(1);
  expect(await second.health()).toMatchObject({ ready: true, limits: 'exact' });
  await second.close();
});

test('windows go when their retention is over, and the others stay', async () => {
  const folder = await temporaryFolder();
  const clock = new TestClock(NOON);
  const store = await createEmbeddedStore({ folder }, { clock });
  const minutes = [NOON - (NOON % 60_000)];
  const read = async (): Promise<readonly bigint[]> =>
    store.counters.series('shop', 'app', { metric: 'hits' }, 'minute', minutes);
  await store.counters.decide(request());
  clock.advanceSync(2 * 3_600_000);
  await store.counters.decide(request({ at: clock.now() }));
  expect(await read()).toEqual([1n]);
  clock.advanceSync(2 * 3_600_000);
  await store.counters.decide(request({ at: clock.now() }));
  clock.advanceSync(600_000);
  // Behind the sweep, which was begun by the clock.
  await store.documents.write([], {});
  expect(await read()).toEqual([0n]);
  expect(await store.counters.series('shop', 'app', { metric: 'hits' }, 'eternity', [0])).toEqual([3n]);
  await store.close();
});
