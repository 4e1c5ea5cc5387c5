import { describe, expect, test } from 'vitest';
import { changesFor } from '../../../backend/leases/changes.ts';
import { commandOf } from '../../../backend/leases/commands.ts';
import type { MetricLimits } from '../../../backend/leases/contract.ts';
import { replyOf } from '../../../backend/leases/replies.ts';
import { runCommands } from '../../../backend/leases/run.ts';
import { createMemoryStore } from '../../../backend/store/memory/store.ts';
import type { LeaseCommand, LeaseReply } from '../../../backend/store/store.ts';
import type { LeaseMessage } from '../../../shared/wire/leases.ts';
import { MONDAY, TestClock } from '../../harness/clock.ts';

const CONTEXT = { epoch: 'e'.repeat(32), at: MONDAY, living: [] };
const HOUR = MONDAY + 3_600_000;

function limits(...bounds: readonly (readonly [string, 'minute' | 'hour' | 'eternity', bigint])[]): MetricLimits {
  const named = bounds.map(([metric, period, max]) => ({ metric, period, max, name: `name of ${metric}` }));
  return { version: 3, chain: ['m2', 'm1'], names: ['name of m2', 'name of m1'], bounds: named };
}

function message(change: Partial<LeaseMessage> = {}): LeaseMessage {
  const levels = { used: 2, held: 5, want: 9, need: 3 };
  const where = { service: 's', application: 'a', metric: 'name of m2' };
  return { number: 1, rev: 4, ...where, ...levels, next: false, final: false, at: null, period: null, ...change };
}

function reply(change: Partial<LeaseReply> = {}): LeaseReply {
  const levels = { ceiling: 5n, room: 0n, rooms: [0n], active: 2, elsewhere: 1n };
  const flags = { frozen: false, final: false, shrink: false };
  return { rev: 4, period: 'minute', start: MONDAY, end: MONDAY + 60_000, ...levels, ...flags, ...change };
}

describe('a message becomes a command', () => {
  test('with the chain as the store names it and the smallest limited period', () => {
    const command = commandOf(message(), limits(['m1', 'hour', 10n], ['m2', 'minute', 5n]), CONTEXT);
    expect(command).toMatchObject({
      metric: 'm2',
      chain: ['m2', 'm1'],
      period: 'minute',
      window: null,
      want: 9n,
      need: 3n,
    });
  });

  test('the window that the gateway knows is kept, for a store that forgot', () => {
    const command = commandOf(message({ at: MONDAY, period: 'hour' }), limits(['m2', 'minute', 5n]), CONTEXT);
    expect(command.window).toEqual({ period: 'hour', start: MONDAY });
  });

  test('where nothing is limited any more it can only return', () => {
    expect(commandOf(message(), limits(), CONTEXT)).toMatchObject({ want: 5n, held: 5n });
  });
});

describe('an answer', () => {
  test('names the tightest limit, and the end of the longest that is exceeded', () => {
    const two = limits(['m2', 'minute', 5n], ['m1', 'hour', 20n]);
    const answer = replyOf(message({ used: 5, held: 5, need: 4 }), two, reply({ rooms: [3n, 1n], room: 1n }));
    expect(answer.tightest).toEqual({ metric: 'name of m1', period: 'hour', max: 20, end: HOUR });
    expect(answer.retryAt).toBe(HOUR);
    expect(answer.version).toBe(3);
  });

  test('an exceeded eternity has no time to come back', () => {
    const two = limits(['m2', 'minute', 5n], ['m1', 'eternity', 20n]);
    expect(replyOf(message(), two, reply({ rooms: [0n, 0n] })).retryAt).toBeNull();
  });

  test('a limit in a smaller period than the lease, or none at all, asks for another lease', () => {
    expect(replyOf(message(), limits(['m2', 'minute', 5n]), reply({ period: 'hour' })).replan).toBe(true);
    expect(replyOf(message(), limits(), reply({ rooms: [] })).replan).toBe(true);
    expect(replyOf(message(), limits(['m2', 'hour', 5n]), reply({ period: 'minute' })).replan).toBe(false);
  });

  test('what does not fit in JSON is sent as the largest number that does', () => {
    const answer = replyOf(
      message(),
      limits(['m2', 'minute', 2n ** 62n]),
      reply({ room: 2n ** 62n, rooms: [2n ** 62n] }),
    );
    expect([answer.room, answer.tightest?.max]).toEqual([Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]);
  });
});

describe('commands that fail', () => {
  const command = (application: string, change: Partial<LeaseCommand> = {}): LeaseCommand => ({
    ...commandOf(message({ application, used: 0, held: 0, want: 1, need: 1 }), limits(['m2', 'minute', 5n]), CONTEXT),
    ...change,
  });

  test('one that cannot be carried out costs only itself', async () => {
    const store = createMemoryStore({ clock: new TestClock(MONDAY) });
    const bad = command('b', { want: -1n });
    const [first, second] = await runCommands(store, [command('a'), bad]);
    expect(first).toMatchObject({ ceiling: 1n });
    expect(second).toBe('invalid');
  });

  test('a shard that is away costs only its own', async () => {
    const store = createMemoryStore({ clock: new TestClock(MONDAY) });
    const names = Array.from({ length: 20 }, (_, index) => `a${index}`);
    const shardOf = (application: string): number => store.counters.shardOf({ service: 's', application });
    store.stop([0]);
    const outcomes = await runCommands(
      store,
      names.map((name) => command(name)),
    );
    for (const [index, name] of names.entries()) expect(outcomes[index] === 'outage').toBe(shardOf(name) === 0);
  });
});

describe('what changed', () => {
  const changes = [
    { version: 5, changed: [{ service: 's', application: 'a' }] },
    {
      version: 6,
      changed: [
        { service: 's', application: 'a' },
        { service: 'other', application: 'x' },
      ],
    },
  ];

  test('is named once per application with its newest version, of the own services only', () => {
    expect(changesFor(changes, new Set(['s']))).toEqual({
      all: false,
      changed: [{ service: 's', application: 'a', version: 6 }],
    });
  });

  test('too much or too long ago is said to be everything', () => {
    const many = [
      { version: 1, changed: Array.from({ length: 1_001 }, (_, index) => ({ service: 's', application: `${index}` })) },
    ];
    expect(changesFor(many, new Set(['s']))).toEqual({ all: true, changed: [] });
    expect(changesFor(null, new Set(['s']))).toEqual({ all: true, changed: [] });
  });
});
