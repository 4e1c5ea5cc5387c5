import fc from 'fast-check';
import { MAX_INTEGER } from '../../../backend/store/integers.ts';
import type { BatchEntry, Bound, DecideRequest, LeaseCommand, Store } from '../../../backend/store/store.ts';
import { PERIODS, windowStart } from '../../../shared/period.ts';
import { NOON } from './requests.ts';

/** One call to a store; its answer as comparable data. */
export type Command =
  | { readonly kind: 'decide'; readonly request: DecideRequest }
  | {
      readonly kind: 'apply';
      readonly epoch: string;
      readonly sequence: number;
      readonly digest: string;
      readonly floor: number;
      readonly entries: readonly BatchEntry[];
    }
  | { readonly kind: 'lease'; readonly command: LeaseCommand }
  | { readonly kind: 'release'; readonly epoch: string }
  | { readonly kind: 'remove'; readonly service: string; readonly application: string | null };

const APPLICATIONS = ['app', 'app2', 'a"p\u0000é'];

const EPOCHS = ['a'.repeat(32), 'b'.repeat(32)];
const HOUR = 3_600_000;

const application = fc.constantFrom(...APPLICATIONS);
const metric = fc.constantFrom('hits', 'reads', 'h"its');
const period = fc.constantFrom(...PERIODS);
/** Around the ends of minutes, days, weeks and months: NOON is in the middle of all. */
export const TIMES = [0, 25_000, 60_000, -HOUR, 12 * HOUR, -4 * 24 * HOUR, -16 * 24 * HOUR, -140 * 24 * HOUR].map(
  (offset) => NOON + offset,
);
const at = fc.constantFrom(...TIMES);
/** Leases live by the clock, so theirs lie close together. */
const soon = fc.constantFrom(NOON, NOON + 25_000, NOON + 60_000, NOON + 95_000);
const small = fc.bigInt({ min: 0n, max: 12n });
const amount = fc.oneof(
  { weight: 8, arbitrary: small },
  {
    weight: 1,
    arbitrary: fc.constantFrom(2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, 10n ** 18n, MAX_INTEGER / 2n, MAX_INTEGER),
  },
);
const signed = fc.oneof({ weight: 4, arbitrary: amount }, { weight: 1, arbitrary: fc.bigInt({ min: -9n, max: -1n }) });
const bound: fc.Arbitrary<Bound> = fc.record({
  metric,
  period,
  max: fc.oneof(fc.bigInt({ min: -1n, max: 60n }), amount),
});
const codes = fc.subarray(['200', '2XX', '404'], { maxLength: 2 });

const decide: fc.Arbitrary<Command> = fc
  .record({
    application,
    at,
    bounds: fc.array(bound, { maxLength: 3 }),
    additions: fc.array(fc.record({ metric, amount, set: fc.boolean() }), { maxLength: 3 }),
    reads: fc.array(fc.record({ metric, period }), { maxLength: 2 }),
    codes,
    count: fc.boolean(),
  })
  .map((request) => ({ kind: 'decide', request: { ...request, service: serviceOf(request.application) } }));

/** Totals are kept by shard, and stores differ in shards: so that each total is of one application. */
function serviceOf(name: string): string {
  return `service of ${name}`;
}

const entry: fc.Arbitrary<BatchEntry> = fc.record({
  service: fc.constant(serviceOf('app')),
  application: fc.constant('app'),
  at,
  additions: fc.array(
    fc.record({
      metric,
      use: signed,
      take: fc.oneof(fc.constant(0n), small),
      set: fc.constantFrom(false, false, false, true),
    }),
    { maxLength: 3 },
  ),
  codes: codes.map((names) => names.map((code) => ({ code, use: 1n }))),
});

const apply: fc.Arbitrary<Command> = fc
  .record({
    epoch: fc.constantFrom(...EPOCHS),
    sequence: fc.integer({ min: 0, max: 6 }),
    digest: fc.constantFrom('one', 'one', 'two'),
    back: fc.integer({ min: 0, max: 3 }),
    entries: fc.array(entry, { maxLength: 6 }),
  })
  .map(({ back, ...rest }) => ({ kind: 'apply', ...rest, floor: Math.max(0, rest.sequence - back) }));

const level = fc.oneof({ weight: 8, arbitrary: fc.bigInt({ min: 0n, max: 30n }) }, { weight: 1, arbitrary: amount });

const lease: fc.Arbitrary<Command> = fc
  .record({
    application,
    epoch: fc.constantFrom(...EPOCHS),
    number: fc.integer({ min: 0, max: 2 }),
    metric: fc.constant('hits'),
    rev: fc.integer({ min: 0, max: 9 }),
    used: level,
    held: level,
    want: level,
    need: fc.bigInt({ min: 0n, max: 5n }),
    next: fc.boolean(),
    final: fc.constantFrom(false, false, false, true),
    at: soon,
    chain: fc.constantFrom(['hits'], ['hits', 'reads']),
    bounds: fc.array(bound, { maxLength: 3 }),
    period,
    window: fc.option(fc.record({ period, start: at }), { freq: 4 }),
    living: fc.subarray(EPOCHS),
  })
  // The number of a lease belongs to one application: it is told apart by it here.
  .map((command) => ({
    kind: 'lease',
    command: {
      ...command,
      service: serviceOf(command.application),
      number: command.number * 10 + command.application.length,
    },
  }));

const remove: fc.Arbitrary<Command> = fc
  .tuple(application, fc.boolean())
  .map(([name, whole]) => ({ kind: 'remove', service: serviceOf(name), application: whole ? null : name }));

export const commands: fc.Arbitrary<Command[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: decide },
    { weight: 6, arbitrary: apply },
    { weight: 6, arbitrary: lease },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('release' as const), epoch: fc.constantFrom(...EPOCHS) }) },
    { weight: 1, arbitrary: remove },
  ),
  { minLength: 1, maxLength: 30 },
);

/** What the store answers; an error by its kind alone. */
export async function run(store: Store, command: Command): Promise<unknown> {
  try {
    return await perform(store, command);
  } catch (error) {
    return error instanceof RangeError ? 'RangeError' : error;
  }
}

async function perform({ counters, leases }: Store, command: Command): Promise<unknown> {
  switch (command.kind) {
    case 'decide':
      return counters.decide(command.request);
    case 'lease':
      return leases.run([command.command]);
    case 'release':
      return leases.release(command.epoch);
    case 'remove':
      return counters.remove(command.service, command.application);
    case 'apply': {
      const { kind: _kind, ...rest } = command;
      const shard = counters.shardOf({ service: serviceOf('app'), application: 'app' });
      return counters.apply([{ ...rest, slice: 0, shard }]);
    }
  }
}

/** All that can be asked of the counters and leases, in an order of its own. */
export async function everything(store: Store, times: readonly number[]): Promise<unknown> {
  const state: unknown[] = [];
  for (const name of APPLICATIONS) {
    const service = serviceOf(name);
    for (const time of times) {
      const accounts = await store.counters.accounts({ service, application: name }, time);
      // A counter of 0 may be there or not.
      const real = accounts.filter(({ used, taken }) => used !== 0n || taken !== 0n);
      state.push(real.map((each) => JSON.stringify(each, text)).toSorted());
    }
    for (const each of PERIODS) {
      const starts = times.map((time) => windowStart(each, time));
      for (const counter of [{ metric: 'hits' }, { metric: 'reads' }, { code: '200' }]) {
        state.push(await store.counters.series(service, null, counter, each, starts));
      }
    }
  }
  state.push((await store.leases.list(null, 100)).leases.map((each) => JSON.stringify(each, text)).toSorted());
  return state;
}

function text(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
