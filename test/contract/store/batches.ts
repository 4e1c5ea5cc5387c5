import { expect, test } from 'vitest';
import { MAX_INTEGER } from '../../../backend/store/integers.ts';
import { windowStart } from '../../../shared/period.ts';
import type { OpenStore } from './open.ts';
import { APPLICATION, both, entry, lease, NOON, part, request, seven } from './requests.ts';

const APPLIED = { result: 'applied', setAside: [] };
const REPEAT = { result: 'repeat', setAside: [] };
const CONFLICT = { result: 'conflict', setAside: [] };

export function batchesContract(open: () => Promise<OpenStore>): void {
  test('a part is counted once, however often it comes', async () => {
    const { counters } = (await open()).store;
    const batch = part(counters, 1, [entry(3n), entry(4n)]);
    expect(await counters.apply([batch])).toEqual([APPLIED]);
    expect(await counters.apply([batch, batch])).toEqual([REPEAT, REPEAT]);
    expect(await both(counters)).toEqual(seven([7n, 7n]));
  });

  test('of ten copies at the same time, one is counted', async () => {
    const { counters } = (await open()).store;
    const batch = part(counters, 1, [entry(1n)]);
    const replies = await Promise.all(Array.from({ length: 10 }, () => counters.apply([batch])));
    expect(replies.flat().filter(({ result }) => result === 'applied')).toHaveLength(1);
    expect((await both(counters))[0]).toEqual([1n, 1n]);
  });

  test('sequences are counted in any order', async () => {
    const { counters } = (await open()).store;
    for (const sequence of [3, 1, 4, 2]) await counters.apply([part(counters, sequence, [entry(1n)])]);
    for (const sequence of [1, 2, 3, 4])
      expect(await counters.apply([part(counters, sequence, [entry(1n)])])).toEqual([REPEAT]);
    expect((await both(counters))[0]).toEqual([4n, 4n]);
  });

  test('what lies below the floor is a repeat, also when its mark is gone', async () => {
    const { counters } = (await open()).store;
    await counters.apply([part(counters, 1, [entry(1n)]), part(counters, 2, [entry(1n)])]);
    await counters.apply([part(counters, 5, [entry(1n)], { floor: 4 })]);
    expect(await counters.apply([part(counters, 2, [entry(1n)])])).toEqual([REPEAT]);
    expect(await counters.apply([part(counters, 3, [entry(1n)])])).toEqual([REPEAT]);
    expect(await counters.apply([part(counters, 4, [entry(1n)])])).toEqual([APPLIED]);
    expect((await both(counters))[0]).toEqual([4n, 4n]);
  });

  test('a floor that jumps far ahead is followed', async () => {
    const { counters } = (await open()).store;
    await counters.apply([part(counters, 1, [entry(1n)])]);
    expect(await counters.apply([part(counters, 9_000_000, [entry(1n)], { floor: 9_000_000 })])).toEqual([APPLIED]);
    expect(await counters.apply([part(counters, 1_000, [entry(1n)])])).toEqual([REPEAT]);
  });

  test('the same identity with other content is a conflict', async () => {
    const { counters } = (await open()).store;
    await counters.apply([part(counters, 1, [entry(1n)])]);
    expect(await counters.apply([part(counters, 1, [entry(2n)], { digest: 'another' })])).toEqual([CONFLICT]);
    expect((await both(counters))[0]).toEqual([1n, 1n]);
  });

  test('slices and producers are apart', async () => {
    const { counters } = (await open()).store;
    const parts = [{}, { slice: 1 }, { epoch: 'f'.repeat(32) }].map((changes) =>
      part(counters, 1, [entry(1n)], changes),
    );
    expect(await counters.apply(parts)).toEqual([APPLIED, APPLIED, APPLIED]);
    expect((await both(counters))[0]).toEqual([3n, 3n]);
  });

  test('an entry that overflows is set aside, whole; the others count', async () => {
    const { counters } = (await open()).store;
    await counters.apply([part(counters, 1, [entry(MAX_INTEGER)])]);
    const poison = entry(1n, 1n, {
      additions: [
        { metric: 'reads', use: 1n, take: 1n, set: false },
        { metric: 'hits', use: 1n, take: 1n, set: false },
      ],
    });
    const [reply] = await counters.apply([part(counters, 2, [entry(-5n), poison, entry(2n), entry(9n)])]);
    expect(reply?.result).toBe('applied');
    expect(reply?.setAside).toMatchObject([{ index: 3 }]);
    expect(reply?.setAside[0]?.reason).toContain('64 bits');
    expect((await both(counters))[0]).toEqual([MAX_INTEGER - 2n, MAX_INTEGER - 2n]);
    expect((await both(counters, 'reads'))[0]).toEqual([1n, 1n]);
  });

  test('entries with amounts or times that cannot be are set aside, and the part is known afterwards', async () => {
    const { counters } = (await open()).store;
    const entries = [entry(MAX_INTEGER + 1n), entry(1n, 0n, { at: -1 }), entry(1n, 0n, { at: Number.NaN }), entry(1n)];
    const [reply] = await counters.apply([part(counters, 1, entries)]);
    expect(reply?.setAside.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(await counters.apply([part(counters, 1, entries)])).toEqual([REPEAT]);
    expect((await both(counters))[0]).toEqual([1n, 1n]);
  });

  test('leased usage moves used alone, as far up as the lease has taken', async () => {
    const { counters, leases } = (await open()).store;
    await leases.run([lease({ period: 'day', bounds: [{ metric: 'hits', period: 'day', max: 100n }], want: 10n })]);
    expect((await both(counters)).slice(0, 3)).toEqual([
      [0n, 0n],
      [0n, 0n],
      [0n, 10n],
    ]);
    await counters.apply([part(counters, 1, [entry(10n, 0n)])]);
    expect(await both(counters)).toEqual(seven([10n, 10n]));
  });

  test('un-leased usage moves both accounts', async () => {
    const { counters, leases } = (await open()).store;
    await leases.run([lease({ want: 10n })]);
    await counters.apply([part(counters, 1, [entry(4n)])]);
    expect(await both(counters)).toEqual(seven([4n, 14n]));
  });

  test('a correction may be negative', async () => {
    const { counters } = (await open()).store;
    await counters.apply([part(counters, 1, [entry(100n), entry(-40n)])]);
    expect(await both(counters)).toEqual(seven([60n, 60n]));
  });

  test('a set value in a batch makes the counter that, in the order of the entries', async () => {
    const { counters } = (await open()).store;
    const set = entry(0n, 0n, { additions: [{ metric: 'hits', use: 50n, take: 50n, set: true }] });
    await counters.apply([part(counters, 1, [entry(7n, 7n, { at: NOON - 86_400_000 }), entry(9n), set, entry(1n)])]);
    expect(await both(counters)).toEqual(seven([51n, 51n]));
    const week = windowStart('week', NOON);
    expect(await counters.series('shop', null, { metric: 'hits' }, 'week', [week])).toEqual([51n]);
  });

  test('usage is dated by its entry', async () => {
    const { counters } = (await open()).store;
    const earlier = NOON - 7_200_000;
    await counters.apply([part(counters, 1, [entry(1n), entry(2n, 2n, { at: earlier })])]);
    expect((await both(counters)).map(([used]) => used)).toEqual([1n, 1n, 3n, 3n, 3n, 3n, 3n]);
    expect((await both(counters, 'hits', earlier))[0]).toEqual([2n, 2n]);
  });

  test('codes are counted by their amount', async () => {
    const { counters } = (await open()).store;
    await counters.apply([part(counters, 1, [entry(3n, 3n, { codes: [{ code: '200', use: 3n }] })])]);
    await counters.apply([part(counters, 2, [{ ...entry(0n), additions: [], codes: [{ code: '200', use: 2n }] }])]);
    expect(await counters.series('shop', 'app', { code: '200' }, 'eternity', [0])).toEqual([5n]);
  });

  test('a part that breaks the contract is a RangeError, and nothing of the call is counted', async () => {
    const { counters } = (await open()).store;
    const good = part(counters, 1, [entry(1n)]);
    const bad = [
      { epoch: '' },
      { epoch: 'e'.repeat(65) },
      { digest: '' },
      { sequence: -1 },
      { sequence: 1.5 },
      { sequence: 3, floor: 4 },
      { sequence: 1_025, floor: 1 },
      { shard: counters.shards },
      { shard: -1 },
      { entries: Array.from({ length: 101 }, () => entry(1n)) },
    ];
    for (const changes of bad) {
      await expect(counters.apply([good, part(counters, 2, [entry(1n)], changes)])).rejects.toThrow(RangeError);
    }
    expect(await both(counters)).toEqual(seven([0n, 0n]));
  });

  test('a full set of open sequences is kept apart', async () => {
    const { counters } = (await open()).store;
    const sequences = Array.from({ length: 1_024 }, (_, index) => 1_024 - index);
    const parts = sequences.map((sequence) => part(counters, sequence, [entry(1n)]));
    const replies = [...(await counters.apply(parts)), ...(await counters.apply(parts))];
    expect(replies.filter(({ result }) => result === 'applied')).toHaveLength(1_024);
    expect((await both(counters))[0]).toEqual([1_024n, 1_024n]);
  });

  test('a batch sees direct decisions and they see it', async () => {
    const { counters } = (await open()).store;
    await counters.decide(request());
    await counters.apply([part(counters, 1, [entry(8n)])]);
    const reply = await counters.decide(
      request({ bounds: [{ ...APPLICATION, metric: 'hits', period: 'minute', max: 9n }] }),
    );
    expect(reply).toMatchObject({ admitted: false, values: [9n] });
  });
}
