import { expect, test } from 'vitest';
import { MAX_INTEGER, MIN_INTEGER } from '../../../backend/store/integers.ts';
import { windowStart } from '../../../shared/period.ts';
import type { OpenStore } from './open.ts';
import { APPLICATION, both, bound, entry, lease, NOON, part, request, setHits, seven } from './requests.ts';

export function countersContract(open: () => Promise<OpenStore>): void {
  test('usage is counted in both accounts of all seven windows', async () => {
    const { counters } = (await open()).store;
    expect(await counters.decide(request())).toEqual({ admitted: true, frozen: false, overflow: false, values: [] });
    await counters.decide(request({ additions: [{ metric: 'hits', amount: 4n, set: false }] }));
    expect(await both(counters)).toEqual(seven([5n, 5n]));
  });

  test('a decision that only asks counts nothing', async () => {
    const { counters } = (await open()).store;
    const reply = await counters.decide(request({ count: false, bounds: [bound(1n)] }));
    expect(reply).toEqual({ admitted: true, frozen: false, overflow: false, values: [0n] });
    expect(await both(counters)).toEqual(seven([0n, 0n]));
    expect(await counters.active('shop', null, 10)).toEqual({ applications: [], cursor: null });
  });

  test('a bound is reached and not passed; a refusal counts nothing', async () => {
    const { counters } = (await open()).store;
    const two = request({ bounds: [bound(3n)], additions: [{ metric: 'hits', amount: 2n, set: false }] });
    expect(await counters.decide(two)).toMatchObject({ admitted: true, values: [0n] });
    expect(await counters.decide(two)).toMatchObject({ admitted: false, overflow: false, values: [2n] });
    expect(await counters.decide(request({ bounds: [bound(3n)] }))).toMatchObject({ admitted: true, values: [2n] });
    expect(await both(counters)).toEqual(seven([3n, 3n]));
  });

  test('one bound of many that does not hold refuses the whole', async () => {
    const { counters } = (await open()).store;
    const additions = [
      { metric: 'hits', amount: 1n, set: false },
      { metric: 'reads', amount: 5n, set: false },
    ];
    const bounds = [bound(9n, 'eternity'), bound(4n, 'day', 'reads')];
    expect(await counters.decide(request({ additions, bounds }))).toMatchObject({ admitted: false, values: [0n, 0n] });
    expect(await both(counters, 'reads')).toEqual(seven([0n, 0n]));
  });

  test('of 50 concurrent decisions against a limit of 10, exactly 10 are admitted', async () => {
    const { counters } = (await open()).store;
    const replies = await Promise.all(
      Array.from({ length: 50 }, () => counters.decide(request({ bounds: [bound(10n)] }))),
    );
    expect(replies.filter(({ admitted }) => admitted)).toHaveLength(10);
    expect(await both(counters)).toEqual(seven([10n, 10n]));
  });

  test('windows of another minute, or of another application, are others', async () => {
    const { counters } = (await open()).store;
    await counters.decide(request());
    const next = NOON - (NOON % 60_000) + 60_000;
    expect(
      await counters.decide(request({ at: next, bounds: [bound(1n)], reads: [{ metric: 'hits', period: 'hour' }] })),
    ).toMatchObject({
      admitted: true,
      values: [0n, 1n],
    });
    expect(await counters.decide(request({ application: 'other', bounds: [bound(1n, 'eternity')] }))).toMatchObject({
      admitted: true,
    });
  });

  test('metrics and applications with any characters are counted apart', async () => {
    const { counters } = (await open()).store;
    const names = ['hits', '"hits"', 'u0hits', 'hits\u0000', '\ud800', '\udc00', '', 'é', '{s00}', '1'];
    for (const name of names)
      await counters.decide(request({ application: name, additions: [{ metric: name, amount: 1n, set: false }] }));
    for (const name of names) {
      const reads = names.map((metric) => ({ metric, period: 'day' as const }));
      const { values } = await counters.decide(request({ application: name, additions: [], reads, count: false }));
      expect(values).toEqual(names.map((other) => (other === name ? 1n : 0n)));
    }
  });

  test('a set value is judged and counted as the difference, counter by counter', async () => {
    const { counters } = (await open()).store;
    const earlier = NOON - 3_600_000;
    await counters.decide(request({ at: earlier, additions: [{ metric: 'hits', amount: 7n, set: false }] }));
    expect(await setHits(counters, 3n)).toMatchObject({ admitted: true });
    expect(await both(counters)).toEqual(seven([3n, 3n]));
    const over = request({ additions: [{ metric: 'hits', amount: 5n, set: true }], bounds: [bound(4n, 'month')] });
    expect(await counters.decide(over)).toMatchObject({ admitted: false, values: [3n] });
    await setHits(counters, 0n);
    expect(await both(counters)).toEqual(seven([0n, 0n]));
  });

  test('a set value keeps what leases hold: taken moves by the difference', async () => {
    const { counters, leases } = (await open()).store;
    await counters.decide(request({ additions: [{ metric: 'hits', amount: 5n, set: false }] }));
    await leases.run([lease({ want: 10n })]);
    await setHits(counters, 2n);
    expect((await both(counters))[0]).toEqual([2n, 12n]);
  });

  test('integers are exact to the last unit of 64 bits', async () => {
    const { counters } = (await open()).store;
    for (const amount of [2n ** 53n, 1n, MAX_INTEGER - 2n ** 53n - 2n]) {
      await counters.decide(request({ additions: [{ metric: 'hits', amount, set: false }] }));
    }
    expect(await both(counters)).toEqual(seven([MAX_INTEGER - 1n, MAX_INTEGER - 1n]));
    expect(await counters.decide(request({ bounds: [bound(MAX_INTEGER - 1n)] }))).toMatchObject({
      admitted: false,
      overflow: false,
    });
    expect(await counters.decide(request({ bounds: [bound(MAX_INTEGER)] }))).toMatchObject({ admitted: true });
    expect(await counters.decide(request())).toMatchObject({ admitted: false, overflow: true });
    expect(await both(counters)).toEqual(seven([MAX_INTEGER, MAX_INTEGER]));
    await setHits(counters, MIN_INTEGER);
    expect(await both(counters)).toEqual(seven([MIN_INTEGER, MIN_INTEGER]));
  });

  test('a bound that the stored value misses by one at 2^53 is kept', async () => {
    const { counters } = (await open()).store;
    await setHits(counters, 2n ** 53n);
    expect(await counters.decide(request({ bounds: [bound(2n ** 53n)] }))).toMatchObject({ admitted: false });
    expect(await counters.decide(request({ bounds: [bound(2n ** 53n + 1n)] }))).toMatchObject({ admitted: true });
    expect((await both(counters))[0]).toEqual([2n ** 53n + 1n, 2n ** 53n + 1n]);
  });

  test('limits below and at 0 refuse usage; no usage passes at 0', async () => {
    const { counters } = (await open()).store;
    expect(await counters.decide(request({ bounds: [bound(0n)] }))).toMatchObject({ admitted: false });
    expect(await counters.decide(request({ bounds: [bound(0n)], additions: [] }))).toMatchObject({ admitted: true });
    expect(await counters.decide(request({ bounds: [bound(-1n)], additions: [] }))).toMatchObject({ admitted: false });
  });

  test('response codes are counted with the usage, and not when it is refused', async () => {
    const { counters } = (await open()).store;
    await counters.decide(request({ codes: ['200', '2XX'] }));
    await counters.decide(request({ codes: ['200', '2XX'], bounds: [bound(1n)] }));
    await counters.decide(request({ codes: ['200'], count: false }));
    const start = windowStart('hour', NOON);
    for (const application of ['app', null]) {
      expect(await counters.series('shop', application, { code: '200' }, 'hour', [start])).toEqual([1n]);
      expect(await counters.series('shop', application, { code: '2XX' }, 'hour', [start])).toEqual([1n]);
      expect(await counters.series('shop', application, { metric: '200' }, 'hour', [start])).toEqual([0n]);
    }
  });

  test('what cannot be counted is a RangeError and changes nothing', async () => {
    const { counters } = (await open()).store;
    const bad = [
      request({ at: -1 }),
      request({ at: 0.5 }),
      request({ at: Number.NaN }),
      request({ at: 253_402_214_400_000 }),
      request({ additions: [{ metric: 'hits', amount: MAX_INTEGER + 1n, set: false }] }),
      request({ bounds: [bound(MIN_INTEGER - 1n)] }),
      request({ application: 'x'.repeat(2_000) }),
    ];
    for (const each of bad) await expect(counters.decide(each)).rejects.toThrow(RangeError);
    expect(await both(counters)).toEqual(seven([0n, 0n]));
  });

  test('a seeded counter has the value in both accounts, whatever was there', async () => {
    const { counters } = (await open()).store;
    await counters.decide(request());
    await counters.apply([part(counters, 1, [entry(3n)])]);
    await counters.seed(APPLICATION, { metric: 'hits', period: 'day' }, windowStart('day', NOON), 42n);
    expect((await both(counters))[2]).toEqual([42n, 42n]);
    expect((await both(counters))[1]).toEqual([4n, 4n]);
  });
}
