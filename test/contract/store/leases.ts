import { expect, test } from 'vitest';
import { MAX_INTEGER } from '../../../backend/store/integers.ts';
import type { LeaseCommand, LeaseReply, Leases } from '../../../backend/store/store.ts';
import { windowEnd, windowStart } from '../../../shared/period.ts';
import type { OpenStore } from './open.ts';
import { APPLICATION, both, bound, entry, lease, NOON, part, request, seven } from './requests.ts';

const A = 'a'.repeat(32);
const B = 'b'.repeat(32);

export function leasesContract(open: () => Promise<OpenStore>): void {
  test('a lease takes in every window from its own up, and no usage', async () => {
    const { counters, leases } = (await open()).store;
    const reply = await say(leases, { period: 'hour', bounds: [bound(100n, 'hour')], want: 10n });
    expect(reply).toEqual({
      rev: 1,
      ceiling: 10n,
      period: 'hour',
      start: windowStart('hour', NOON),
      end: windowEnd('hour', NOON),
      room: 90n,
      rooms: [90n],
      active: 1,
      elsewhere: 0n,
      frozen: false,
      final: false,
      shrink: false,
    });
    expect(await both(counters)).toEqual([[0n, 0n], ...seven([0n, 10n]).slice(1)]);
    expect(await counters.active('shop', null, 10)).toMatchObject({ applications: ['app'] });
  });

  test('the same message again takes nothing again and has the same answer', async () => {
    const { counters, leases } = (await open()).store;
    const first = await say(leases, { want: 10n });
    expect(await say(leases, { want: 10n })).toEqual(first);
    expect(await say(leases, { want: 99n, held: 99n, rev: 0 })).toMatchObject({ rev: 1, ceiling: 10n });
    expect((await both(counters))[0]).toEqual([0n, 10n]);
  });

  test('a lower level gives back, a final one closes', async () => {
    const { counters, leases } = (await open()).store;
    await say(leases, { want: 10n });
    expect(await say(leases, { rev: 2, used: 2n, held: 6n, want: 6n })).toMatchObject({
      rev: 2,
      ceiling: 6n,
      room: 94n,
    });
    expect(await say(leases, { rev: 3, used: 3n, held: 3n, want: 3n, final: true })).toMatchObject({
      ceiling: 3n,
      final: true,
      active: 1,
    });
    await counters.apply([part(counters, 1, [entry(3n, 0n)])]);
    expect(await both(counters)).toEqual(seven([3n, 3n]));
    expect(await say(leases, { rev: 4, used: 3n, held: 3n, want: 9n })).toMatchObject({ ceiling: 3n, final: true });
  });

  test('what the store has forgotten is taken again when it is declared, whatever the bound', async () => {
    const { counters, leases } = (await open()).store;
    await counters.decide(request({ additions: [{ metric: 'hits', amount: 95n, set: false }] }));
    const window = { period: 'minute', start: windowStart('minute', NOON) } as const;
    const reply = await say(leases, { rev: 7, used: 4n, held: 10n, want: 12n, window });
    expect(reply).toMatchObject({ ceiling: 10n, room: -5n, shrink: true });
    expect((await both(counters))[0]).toEqual([95n, 105n]);
  });

  test('a declaration after the window is dated in the window that the gateway names', async () => {
    const { counters, leases } = (await open()).store;
    const window = { period: 'minute', start: windowStart('minute', NOON) } as const;
    const bounds = [bound(100n), bound(1_000n, 'month')];
    const reply = await say(leases, {
      rev: 7,
      used: 4n,
      held: 4n,
      want: 4n,
      at: NOON + 60_000,
      window,
      bounds,
      final: true,
    });
    expect(reply).toMatchObject({ ...window, ceiling: 4n });
    expect((await both(counters))[0]).toEqual([0n, 4n]);
    expect((await both(counters, 'hits', NOON + 60_000))[0]).toEqual([0n, 0n]);
  });

  test('a limit that is added sees what leases of longer windows spent, also what is told after its first lease', async () => {
    const { counters, leases } = (await open()).store;
    await say(leases, { period: 'hour', bounds: [bound(1_000n, 'hour')], want: 60n });
    await counters.apply([part(counters, 1, [entry(20n, 0n)])]);
    const bounds = [bound(50n), bound(1_000n, 'hour')];
    expect(await say(leases, { number: 2, bounds, want: 5n })).toMatchObject({ ceiling: 5n, room: 25n });
    await counters.apply([part(counters, 2, [entry(35n, 0n)])]);
    expect((await both(counters))[0]).toEqual([55n, 25n]);
    expect(await say(leases, { number: 3, bounds, want: 10n })).toMatchObject({
      ceiling: 0n,
      rooms: [-5n, 935n],
      shrink: true,
    });
    const decided = await counters.decide(request({ bounds, count: true }));
    expect(decided).toMatchObject({ admitted: false, values: [55n, 65n] });
  });

  test('nothing is created in windows that have all ended', async () => {
    const { counters, leases } = (await open()).store;
    const window = { period: 'minute', start: windowStart('minute', NOON) } as const;
    const reply = await say(leases, { rev: 7, used: 4n, held: 10n, want: 4n, at: NOON + 60_000, window });
    expect(reply).toMatchObject({ ceiling: 0n, final: true });
    expect(await both(counters)).toEqual(seven([0n, 0n]));
  });

  test('half of the room is given at most, or what is needed, and nothing if that is not there', async () => {
    const { leases } = (await open()).store;
    expect(await say(leases, { bounds: [bound(20n)], want: 100n })).toMatchObject({ ceiling: 10n, room: 10n });
    expect(await say(leases, { number: 2, bounds: [bound(20n)], want: 100n, need: 9n })).toMatchObject({
      ceiling: 9n,
      room: 1n,
    });
    expect(await say(leases, { number: 3, bounds: [bound(20n)], want: 100n, need: 2n })).toMatchObject({
      ceiling: 0n,
      room: 1n,
    });
    expect(await say(leases, { number: 4, bounds: [bound(20n)], want: 100n, need: 1n })).toMatchObject({
      ceiling: 1n,
      room: 0n,
    });
  });

  test('the share is smaller the more gateways are active', async () => {
    const { leases } = (await open()).store;
    const living = [A, B];
    await say(leases, { epoch: B, want: 0n, need: 0n, living });
    expect(await say(leases, { want: 100n, living })).toMatchObject({ ceiling: 25n, active: 2 });
    expect(await say(leases, { number: 2, want: 100n, living: [A] })).toMatchObject({ active: 2, ceiling: 18n });
  });

  test('the tightest bound of the chain counts, and every metric of it is taken', async () => {
    const { counters, leases } = (await open()).store;
    const bounds = [bound(100n), bound(12n, 'day', 'all')];
    const reply = await say(leases, { chain: ['hits', 'all'], bounds, want: 50n });
    expect(reply).toMatchObject({ ceiling: 6n, room: 6n, rooms: [94n, 6n] });
    expect(await both(counters, 'all')).toEqual(seven([0n, 6n]));
  });

  test('leases and direct decisions keep one limit together', async () => {
    const { counters, leases } = (await open()).store;
    await say(leases, { bounds: [bound(10n)], want: 5n });
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => counters.decide(request({ bounds: [bound(10n)] }))),
    );
    expect(replies.filter(({ admitted }) => admitted)).toHaveLength(5);
    expect(await say(leases, { number: 2, bounds: [bound(10n)], want: 5n })).toMatchObject({
      ceiling: 0n,
      room: 0n,
      elsewhere: 5n,
    });
  });

  test('any number of leases never takes more than the limit', async () => {
    const { counters, leases } = (await open()).store;
    const commands = Array.from({ length: 60 }, (_, number) =>
      lease({ number, epoch: number % 2 === 0 ? A : B, living: [A, B], want: 7n, bounds: [bound(33n)] }),
    );
    const replies = await leases.run(commands);
    const given = replies.reduce((sum, { ceiling }) => sum + ceiling, 0n);
    expect(given).toBe(33n);
    expect((await both(counters))[0]).toEqual([0n, 33n]);
  });

  test('a lease of the next window takes there, and keeps its window', async () => {
    const { counters, leases } = (await open()).store;
    const end = windowEnd('minute', NOON);
    expect(await say(leases, { next: true, want: 3n })).toMatchObject({ start: end, end: end + 60_000, ceiling: 3n });
    expect(await say(leases, { rev: 2, next: true, want: 4n, at: end + 1 })).toMatchObject({ start: end, ceiling: 4n });
    expect((await both(counters))[0]).toEqual([0n, 0n]);
    expect((await both(counters, 'hits', end))[0]).toEqual([0n, 4n]);
  });

  test('a week is cut where a month begins', async () => {
    const { leases } = (await open()).store;
    const change = { period: 'week', bounds: [bound(100n, 'week')] } as const;
    const at = Date.UTC(2024, 4, 31, 12);
    expect(await say(leases, { ...change, at })).toMatchObject({
      start: Date.UTC(2024, 4, 27),
      end: Date.UTC(2024, 5, 1),
    });
    const next = await say(leases, { ...change, at, number: 2, next: true });
    expect(next).toMatchObject({ start: Date.UTC(2024, 5, 1), end: Date.UTC(2024, 5, 3) });
  });

  test('after its window a lease can fall and not rise', async () => {
    const { leases } = (await open()).store;
    await say(leases, { want: 5n });
    expect(await say(leases, { rev: 2, held: 5n, want: 9n, at: NOON + 60_000 })).toMatchObject({ ceiling: 5n });
    expect(await say(leases, { rev: 3, held: 2n, want: 2n, used: 2n, at: NOON + 60_000 })).toMatchObject({
      ceiling: 2n,
    });
  });

  test('a limit of a smaller period stops a lease from rising', async () => {
    const { leases } = (await open()).store;
    await say(leases, { period: 'day', bounds: [bound(100n, 'day')], want: 5n });
    const reply = await say(leases, { rev: 2, held: 5n, want: 9n, bounds: [bound(100n, 'day'), bound(3n)] });
    expect(reply).toMatchObject({ ceiling: 5n, period: 'day' });
  });

  test('holders of living epochs are counted with what they have left', async () => {
    const { leases } = (await open()).store;
    await say(leases, { epoch: B, living: [A, B], want: 10n });
    await say(leases, { epoch: B, rev: 2, living: [A, B], used: 4n, held: 10n, want: 10n });
    expect(await say(leases, { living: [A, B], want: 1n })).toMatchObject({ active: 2, elsewhere: 6n });
    expect(await say(leases, { rev: 2, living: [A], held: 1n, want: 1n })).toMatchObject({ active: 1, elsewhere: 0n });
    const other = {
      number: 2,
      living: [A, B],
      metric: 'reads',
      chain: ['reads'],
      bounds: [bound(5n, 'minute', 'reads')],
    };
    expect(await say(leases, other)).toMatchObject({ active: 1, elsewhere: 0n });
  });

  test('who holds what others lack is named for a while', async () => {
    const { leases } = (await open()).store;
    await say(leases, { epoch: B, living: [A, B], bounds: [bound(10n)], want: 10n, need: 10n });
    expect(await leases.scarce(B)).toEqual([]);
    await say(leases, { living: [A, B], bounds: [bound(10n)], want: 5n });
    expect(await leases.scarce(B)).toEqual([APPLICATION]);
    expect(await leases.scarce(A)).toEqual([]);
  });

  test('a lowered limit says shrink', async () => {
    const { leases } = (await open()).store;
    await say(leases, { want: 50n });
    expect(await say(leases, { rev: 2, held: 50n, want: 50n, bounds: [bound(20n)] })).toMatchObject({
      shrink: true,
      room: -30n,
      ceiling: 50n,
    });
    expect(await say(leases, { rev: 3, held: 8n, used: 8n, want: 8n, bounds: [bound(20n)] })).toMatchObject({
      shrink: false,
      room: 12n,
    });
  });

  test('levels are exact above 2^53', async () => {
    const { counters, leases } = (await open()).store;
    const limit = MAX_INTEGER - 1n;
    expect(await say(leases, { bounds: [bound(limit)], want: limit, need: limit })).toMatchObject({
      ceiling: limit,
      room: 0n,
    });
    expect(await say(leases, { rev: 2, held: limit - 1n, want: limit - 1n, bounds: [bound(limit)] })).toMatchObject({
      room: 1n,
    });
    expect((await both(counters))[0]).toEqual([0n, limit - 1n]);
  });

  test('a lease that would leave 64 bits is a RangeError and takes nothing', async () => {
    const { counters, leases } = (await open()).store;
    await counters.decide(request({ additions: [{ metric: 'all', amount: MAX_INTEGER, set: false }] }));
    await expect(say(leases, { chain: ['hits', 'all'] })).rejects.toThrow(RangeError);
    await expect(say(leases, { held: -1n })).rejects.toThrow(RangeError);
    await expect(say(leases, { want: MAX_INTEGER + 1n })).rejects.toThrow(RangeError);
    expect((await both(counters))[0]).toEqual([0n, 0n]);
  });

  test('answers come in the order of the messages', async () => {
    const { leases } = (await open()).store;
    const commands = Array.from({ length: 20 }, (_, number) =>
      lease({ number, application: `app${number}`, want: BigInt(number), need: 0n }),
    );
    expect((await leases.run(commands)).map(({ ceiling }) => ceiling)).toEqual(commands.map(({ want }) => want));
    expect(await leases.run([])).toEqual([]);
  });

  test('an epoch lives for a while after its heartbeat, which tells the version', async () => {
    const { documents, leases } = (await open()).store;
    const version = await documents.write([], { changed: [{ service: 's', application: 'a' }] });
    expect(await leases.heartbeat(A, NOON)).toBe(version);
    await leases.heartbeat(B, NOON + 3_000);
    expect((await leases.living(NOON + 3_500, 4_000)).toSorted()).toEqual([A, B]);
    expect(await leases.living(NOON + 4_500, 4_000)).toEqual([B]);
  });

  test('open and closed leases are listed in pages', async () => {
    const { clock, store } = await open();
    const { leases } = store;
    const at = clock.now();
    for (let number = 0; number < 12; number++)
      await say(leases, { number, application: `app${number % 5}`, at, living: [] });
    await say(leases, { number: 3, application: 'app3', rev: 2, at, used: 1n, held: 1n, want: 1n, final: true });
    const found = await everyLease(leases);
    expect(found.map(({ number }) => number).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 12 }, (_, index) => index),
    );
    expect(found.find(({ number }) => number === 3)).toMatchObject({
      final: true,
      ceiling: 1n,
      used: 1n,
      rev: 2,
      application: 'app3',
      epoch: A,
    });
  });

  test("releasing a dead epoch closes its leases where they stand, and no others'", async () => {
    const { clock, store } = await open();
    const at = clock.now();
    for (const number of [1, 2]) await say(store.leases, { number, application: `app${number}`, at });
    await say(store.leases, { epoch: B, application: 'app1', living: [A, B], at });
    expect(await store.leases.release(A)).toBe(2);
    expect(await store.leases.release(A)).toBe(0);
    const next = await say(store.leases, { epoch: B, rev: 2, held: 10n, application: 'app1', living: [A, B], at });
    expect(next).toMatchObject({ active: 1, elsewhere: 0n, room: 80n });
    expect((await everyLease(store.leases)).filter(({ final }) => final).map(({ epoch }) => epoch)).toEqual([A, A]);
  });

  test('removing an application removes its leases', async () => {
    const { clock, store } = await open();
    await say(store.leases, { at: clock.now() });
    await say(store.leases, { number: 2, application: 'other', at: clock.now() });
    await store.counters.remove('shop', 'app');
    expect((await everyLease(store.leases)).map(({ application }) => application)).toEqual(['other']);
  });
}

async function say(leases: Leases, changes: Partial<LeaseCommand>): Promise<LeaseReply> {
  const [reply] = await leases.run([lease(changes)]);
  if (reply === undefined) throw new Error('a lease message was not answered');
  return reply;
}

type LeaseList = Awaited<ReturnType<Leases['list']>>;

async function everyLease(leases: Leases): Promise<LeaseList['leases'][number][]> {
  const found: LeaseList['leases'][number][] = [];
  let cursor: string | null = null;
  do {
    const page: LeaseList = await leases.list(cursor, 5);
    found.push(...page.leases);
    ({ cursor } = page);
  } while (cursor !== null);
  return found;
}
