import { expect, test } from 'vitest';
import type { OpenStore } from './open.ts';

export function logsContract(open: () => Promise<OpenStore>): void {
  test('items are read newest first, with growing ids', async () => {
    const { logs } = (await open()).store;
    const ids = [await logs.append(['errors', 's'], 'a', 10), await logs.append(['errors', 's'], { b: 1 }, 10)];
    expect(ids[1]).toBeGreaterThan(ids[0] ?? 0);
    expect(await logs.range(['errors', 's'], 0, 10)).toEqual([
      { id: ids[1], item: { b: 1 } },
      { id: ids[0], item: 'a' },
    ]);
    expect(await logs.range(['errors', 's'], 1, 1)).toEqual([{ id: ids[0], item: 'a' }]);
    expect(await logs.range(['errors'], 0, 10)).toEqual([]);
  });

  test('beyond the bound the oldest are dropped', async () => {
    const { logs } = (await open()).store;
    for (let item = 0; item < 7; item++) await logs.append(['list'], item, 3);
    expect((await logs.range(['list'], 0, 10)).map(({ item }) => item)).toEqual([6, 5, 4]);
    expect(await logs.count(['list'])).toBe(3);
    await logs.append(['list'], 'smaller', 2);
    expect((await logs.range(['list'], 0, 10)).map(({ item }) => item)).toEqual(['smaller', 6]);
  });

  test('equal items are kept apart', async () => {
    const { logs } = (await open()).store;
    await logs.append(['list'], 'same', 10);
    await logs.append(['list'], 'same', 10);
    expect(await logs.count(['list'])).toBe(2);
  });

  test('one item, all up to one, or the whole list can be removed; ids are never used again', async () => {
    const { logs } = (await open()).store;
    const ids: number[] = [];
    for (let item = 0; item < 5; item++) ids.push(await logs.append(['list'], item, 10));
    const [, second = 0, third = 0, , last = 0] = ids;
    expect(await logs.remove(['list'], second, false)).toBe(1);
    expect(await logs.remove(['list'], second, false)).toBe(0);
    expect(await logs.remove(['list'], third, true)).toBe(2);
    expect((await logs.range(['list'], 0, 10)).map(({ item }) => item)).toEqual([4, 3]);
    expect(await logs.count(['list'])).toBe(2);
    await logs.clear(['list']);
    expect(await logs.count(['list'])).toBe(0);
    expect(await logs.append(['list'], 'after', 10)).toBeGreaterThan(last);
  });

  test('a flag is set once until its time is over', async () => {
    const { logs } = (await open()).store;
    const attempts = await Promise.all(Array.from({ length: 10 }, () => logs.setOnce(['flag', 'x'], 60_000)));
    expect(attempts.filter(Boolean)).toHaveLength(1);
    expect(await logs.isSet(['flag', 'x'])).toBe(true);
    expect(await logs.isSet(['flag', 'y'])).toBe(false);
    expect(await logs.setOnce(['flag', 'y'], 60_000)).toBe(true);
  });
}
