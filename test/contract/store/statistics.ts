import { expect, test } from 'vitest';
import { PERIODS, windowStart } from '../../../shared/period.ts';
import type { Counters } from '../../../backend/store/store.ts';
import type { OpenStore } from './open.ts';
import { both, NOON, request, seven } from './requests.ts';

const DAY = 86_400_000;

export function statisticsContract(open: () => Promise<OpenStore>): void {
  test("a service's series is the sum of its applications', in every period", async () => {
    const { counters } = (await open()).store;
    const times = [
      NOON,
      NOON + 60_000,
      NOON + 3_600_000,
      NOON + DAY,
      NOON - 4 * DAY,
      NOON - 40 * DAY,
      NOON - 200 * DAY,
    ];
    for (const [index, at] of times.entries()) await count(counters, `app${index % 3}`, at, BigInt(index + 1));
    await counters.decide(request({ service: 'other', additions: [{ metric: 'hits', amount: 1_000n, set: false }] }));
    for (const period of PERIODS) {
      const starts = [...new Set(times.map((at) => windowStart(period, at)))];
      const perApplication = await Promise.all(
        ['app0', 'app1', 'app2'].map((application) =>
          counters.series('shop', application, { metric: 'hits' }, period, starts),
        ),
      );
      const sums = starts.map((_start, index) =>
        perApplication.reduce((sum, values) => sum + (values[index] ?? 0n), 0n),
      );
      expect(await counters.series('shop', null, { metric: 'hits' }, period, starts)).toEqual(sums);
      expect(sums.reduce((sum, value) => sum + value, 0n)).toBe(28n);
    }
  });

  test("a service's totals follow set values in every period", async () => {
    const { counters } = (await open()).store;
    const set = (at: number, application: string, amount: bigint): Promise<unknown> =>
      counters.decide(request({ application, at, additions: [{ metric: 'hits', amount, set: true }] }));
    await count(counters, 'app', NOON - DAY, 3n);
    await count(counters, 'other', NOON, 5n);
    await set(NOON, 'app', 10n);
    await set(NOON - 40 * DAY, 'other', 2n);
    for (const period of PERIODS) {
      const starts = [windowStart(period, NOON), windowStart(period, NOON - 40 * DAY)];
      const [app, other] = await Promise.all(
        ['app', 'other'].map((name) => counters.series('shop', name, { metric: 'hits' }, period, starts)),
      );
      const sums = starts.map((_start, index) => (app?.[index] ?? 0n) + (other?.[index] ?? 0n));
      expect(await counters.series('shop', null, { metric: 'hits' }, period, starts)).toEqual(sums);
    }
  });

  test('windows without usage are 0, and no window is an empty answer', async () => {
    const { counters } = (await open()).store;
    expect(await counters.series('shop', 'app', { metric: 'hits' }, 'hour', [0, 3_600_000])).toEqual([0n, 0n]);
    expect(await counters.series('shop', null, { metric: 'hits' }, 'year', [])).toEqual([]);
  });

  test('a long series is read in one call', async () => {
    const { counters } = (await open()).store;
    const hours = Array.from({ length: 500 }, (_, index) => windowStart('hour', NOON) - index * 3_600_000);
    for (const at of hours.slice(0, 50)) await count(counters, 'app', at, 2n);
    const values = await counters.series('shop', 'app', { metric: 'hits' }, 'hour', hours);
    expect(values.slice(0, 52)).toEqual([...Array.from({ length: 50 }, () => 2n), 0n, 0n]);
    expect(values).toHaveLength(500);
  });

  test('the top applications come greatest first, from all shards', async () => {
    const { counters } = (await open()).store;
    for (let index = 0; index < 30; index++) await count(counters, `app${index}`, NOON, BigInt(1 + ((index * 7) % 30)));
    await count(counters, 'app3', NOON, 100n);
    await count(counters, 'yesterday', NOON - DAY, 500n);
    for (const period of ['day', 'eternity'] as const) {
      const top = await counters.top('shop', 'hits', period, windowStart(period, NOON), 3);
      const first = period === 'day' ? [] : [{ application: 'yesterday', value: 500n }];
      const rest = [
        { application: 'app3', value: 122n },
        { application: 'app17', value: 30n },
        { application: 'app4', value: 29n },
      ];
      expect(top).toEqual([...first, ...rest].slice(0, 3));
    }
    expect(await counters.top('shop', 'reads', 'day', windowStart('day', NOON), 3)).toEqual([]);
  });

  test('applications that ever had usage are listed in pages, each once', async () => {
    const { counters } = (await open()).store;
    const names = Array.from({ length: 25 }, (_, index) => `app é${index}`);
    for (const name of [...names, ...names]) await count(counters, name, NOON, 1n);
    const found: string[] = [];
    let cursor: string | null = null;
    do {
      const page: { readonly applications: readonly string[]; readonly cursor: string | null } = await counters.active(
        'shop',
        cursor,
        10,
      );
      expect(page.applications.length).toBeLessThanOrEqual(10);
      found.push(...page.applications);
      ({ cursor } = page);
    } while (cursor !== null);
    expect(found.toSorted()).toEqual(names.toSorted());
    await expect(counters.active('shop', 'no cursor', 10)).rejects.toThrow(RangeError);
  });

  test('removing an application deletes its counters and no others', async () => {
    const { counters } = (await open()).store;
    for (const at of [NOON, NOON - 100 * DAY]) {
      await count(counters, 'app', at, 1n);
      await count(counters, 'app2', at, 1n);
    }
    await counters.remove('shop', 'app');
    expect(await both(counters)).toEqual(seven([0n, 0n]));
    expect(await counters.series('shop', 'app', { metric: 'hits' }, 'year', [windowStart('year', NOON)])).toEqual([0n]);
    expect(await counters.active('shop', null, 10)).toMatchObject({ applications: ['app2'] });
    expect(await counters.series('shop', 'app2', { metric: 'hits' }, 'eternity', [0])).toEqual([2n]);
    expect((await counters.top('shop', 'hits', 'eternity', 0, 10)).map(({ application }) => application)).toEqual([
      'app2',
    ]);
  });

  test('removing a service deletes the counters of its applications and its totals', async () => {
    const { counters } = (await open()).store;
    await count(counters, 'app', NOON, 1n);
    await count(counters, 'app2', NOON, 1n);
    await counters.decide(request({ service: 'shop2' }));
    await counters.remove('shop', null);
    for (const application of ['app', 'app2', null]) {
      expect(await counters.series('shop', application, { metric: 'hits' }, 'eternity', [0])).toEqual([0n]);
      expect(await counters.series('shop', application, { metric: 'hits' }, 'day', [windowStart('day', NOON)])).toEqual(
        [0n],
      );
    }
    expect(await counters.active('shop', null, 10)).toEqual({ applications: [], cursor: null });
    expect(await counters.top('shop', 'hits', 'eternity', 0, 10)).toEqual([]);
    expect(await counters.series('shop2', null, { metric: 'hits' }, 'eternity', [0])).toEqual([1n]);
  });
}

async function count(counters: Counters, application: string, at: number, amount: bigint): Promise<void> {
  await counters.decide(request({ application, at, additions: [{ metric: 'hits', amount, set: false }] }));
}
