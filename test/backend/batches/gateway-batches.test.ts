import { beforeEach, expect, test } from 'vitest';
import { AppliedBatches } from '../../../backend/batches/gateway-batches.ts';
import { Metrics } from '../../../backend/metrics/metrics.ts';
import { createMemoryStore } from '../../../backend/store/memory/store.ts';
import type { MemoryStore } from '../../../backend/store/memory/store.ts';
import { StoreUnavailable } from '../../../backend/store/store.ts';
import type { BatchRequest } from '../../../shared/wire/batches.ts';
import { MONDAY, TestClock } from '../../harness/clock.ts';
import { openShop } from '../shop.ts';

const DAY = 86_400_000;
const SHOP = new Set(['shop']);

let clock: TestClock;
let store: MemoryStore;
let batches: AppliedBatches;
let errors: { service: string; code: string; message: string }[];
let touched: string[];

beforeEach(async () => {
  clock = new TestClock(MONDAY);
  store = createMemoryStore({ clock });
  errors = [];
  touched = [];
  const configuration = await openShop(store, clock, ['a', 'b', 'c']);
  batches = new AppliedBatches({
    counters: store.counters,
    lookup: configuration.lookup,
    errors: { record: async (service, error) => void errors.push({ service, ...error }) },
    activity: { touched: ({ application }) => void touched.push(application) },
    clock,
    metrics: new Metrics(),
  });
});

type Line = readonly [owner: number, metric: string, use: number, take?: number, minute?: number];

function batchOf(lines: readonly Line[], changes: Partial<BatchRequest> = {}): BatchRequest {
  return {
    epoch: 'e'.repeat(32),
    sequence: 0,
    floor: 0,
    services: [{ service: 'shop', tokenKind: 'service_token', token: 't' }],
    owners: [
      { service: 'shop', kind: 'application', id: 'a' },
      { service: 'shop', kind: 'user_key', id: 'key-of-b' },
      { service: 'shop', kind: 'application', id: 'gone' },
      { service: 'other', kind: 'application', id: 'x' },
      { service: 'shop', kind: 'user_key', id: 'unknown-key' },
    ],
    entries: lines.map(([owner, metric, use, take = 0, minute = MONDAY]) => ({ owner, metric, use, take, minute })),
    codes: [],
    ...changes,
  };
}

async function used(metric: string, application: string | null = null, at = MONDAY): Promise<bigint> {
  const [value = 0n] = await store.counters.series('shop', application, { metric }, 'minute', [at]);
  return value;
}

test('usage counts for the application and its service, and up the metrics', async () => {
  const outcome = await batches.apply(
    batchOf([
      [0, 'search', 3],
      [0, 'hits', 4],
      [1, 'hits', 10],
    ]),
    SHOP,
  );
  expect(outcome).toEqual({ result: 'applied', setAside: [] });
  expect([await used('1', 'a'), await used('2', 'a'), await used('1', 'b'), await used('1')]).toEqual([
    7n,
    3n,
    10n,
    17n,
  ]);
  expect(touched).toEqual(['a', 'b']);
});

test('a batch that comes again is a repeat, however its JSON was written', async () => {
  const batch = batchOf([[0, 'hits', 5]]);
  await batches.apply(batch, SHOP);
  const again: BatchRequest = { ...batch, entries: [{ use: 5, take: 0, minute: MONDAY, metric: 'hits', owner: 0 }] };
  expect(await batches.apply(again, SHOP)).toEqual({ result: 'repeat', setAside: [] });
  expect(await used('1', 'a')).toBe(5n);
});

test('the same identity with other content is a conflict, and nothing of it counts', async () => {
  await batches.apply(batchOf([[0, 'hits', 5]]), SHOP);
  expect(await batches.apply(batchOf([[0, 'hits', 6]]), SHOP)).toMatchObject({ result: 'conflict' });
  expect(await used('1', 'a')).toBe(5n);
});

test('what cannot be counted is set aside with a stored error; the rest counts', async () => {
  const lines: Line[] = [
    [0, 'hits', 1],
    [2, 'hits', 1],
    [0, 'nonsense', 1],
    [3, 'hits', 1],
    [4, 'hits', 1],
    [9, 'hits', 1],
  ];
  const outcome = await batches.apply(batchOf(lines), SHOP);
  expect(outcome.result).toBe('applied');
  expect(outcome.setAside.map(({ index }) => index).toSorted((x, y) => x - y)).toEqual([1, 2, 3, 4, 5]);
  expect(errors.map(({ service, code }) => [service, code])).toEqual([
    ['shop', 'metric_invalid'],
    ['shop', 'application_not_found'],
    ['other', 'service_token_invalid'],
    ['shop', 'user_key_invalid'],
  ]);
  expect(JSON.stringify(errors)).not.toContain('unknown-key');
  expect(await used('1')).toBe(1n);
});

test('one problem is stored once, however often it occurs in a batch', async () => {
  await batches.apply(batchOf(Array.from({ length: 500 }, (): Line => [2, 'hits', 1])), SHOP);
  expect(errors).toHaveLength(1);
});

test('what became known between two deliveries does not make the rest count twice', async () => {
  const lines = Array.from({ length: 300 }, (_, i): Line => [i % 3 === 0 ? 2 : 0, 'hits', 1, 0, MONDAY - i * 60_000]);
  await batches.apply(batchOf(lines), SHOP);
  const days = async () => store.counters.series('shop', 'a', { metric: '1' }, 'day', [MONDAY, MONDAY - DAY]);
  const before = await days();
  await openShop(store, clock, ['gone']);
  expect((await batches.apply(batchOf(lines), SHOP)).result).not.toBe('conflict');
  expect(await days()).toEqual(before);
  expect(before.reduce((sum, value) => sum + value, 0n)).toBe(200n);
});

test('usage of more than 30 days ago is refused: a repeat of it could not be recognised', async () => {
  const lines: Line[] = [31, 29, -1].map((days) => [0, 'hits', 1, 0, MONDAY - days * DAY]);
  const outcome = await batches.apply(batchOf(lines), SHOP);
  expect(outcome.setAside.map(({ index }) => index)).toEqual([0, 2]);
  expect(errors.map(({ code }) => code)).toEqual(['usage_too_old', 'usage_too_new']);
});

test('what was leased moves the statistics alone', async () => {
  await batches.apply(batchOf([[0, 'hits', 5, 2]]), SHOP);
  const accounts = await store.counters.accounts({ service: 'shop', application: 'a' }, MONDAY);
  const minute = accounts.find(({ metric, period }) => metric === '1' && period === 'minute');
  expect(minute?.used).toBe(5n);
});

test('answers are counted by code and class', async () => {
  const codes = [200, 201, 404, 302].map((status) => ({ owner: 0, minute: MONDAY, status, count: 2 }));
  await batches.apply(batchOf([], { codes }), SHOP);
  const count = async (code: string) => store.counters.series('shop', 'a', { code }, 'hour', [MONDAY]);
  expect([await count('200'), await count('2XX'), await count('4XX')]).toEqual([[2n], [4n], [2n]]);
});

test('thousands of entries of many applications count exactly', async () => {
  const owners = Array.from({ length: 50 }, (_, i) => ({
    service: 'shop',
    kind: 'application' as const,
    id: `app-${i}`,
  }));
  await openShop(
    store,
    clock,
    owners.map(({ id }) => id),
  );
  const lines = Array.from({ length: 5_000 }, (_, i): Line => [
    i % 50,
    'hits',
    1,
    0,
    MONDAY - Math.floor(i / 50) * 60_000,
  ]);
  expect(await batches.apply(batchOf(lines, { owners }), SHOP)).toEqual({ result: 'applied', setAside: [] });
  const days = await store.counters.series('shop', null, { metric: '1' }, 'day', [MONDAY, MONDAY - DAY]);
  expect(days.reduce((sum, value) => sum + value, 0n)).toBe(5_000n);
});

test('while the store is away it is an outage; the same batch counts once when it is back', async () => {
  const batch = batchOf([[0, 'hits', 5]]);
  store.stop();
  await expect(batches.apply(batch, SHOP)).rejects.toBeInstanceOf(StoreUnavailable);
  store.start();
  await batches.apply(batch, SHOP);
  await batches.apply(batch, SHOP);
  expect(await used('1', 'a')).toBe(5n);
});

test('a sequence that is too far above its floor is malformed', async () => {
  const outcome = await batches.apply(batchOf([[0, 'hits', 5]], { sequence: 5_000 }), SHOP);
  expect(outcome).toMatchObject({ result: 'malformed' });
});
