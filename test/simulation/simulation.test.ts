import { describe, expect, test } from 'vitest';
import { ROUND_TRIPS, roundOf, slow } from './campaign.ts';
import { MUTATIONS, isMutation } from './options.ts';
import { runRound } from './round.ts';
import { steadyRow } from './steady.ts';
import { breaks } from './without.ts';

/** Seeds of a run; more by `npm run simulate -- --rounds N --seed S`. */
const ROUNDS = 24;
const LONG = 300_000;

async function failures(seeds: readonly number[], options: Partial<Parameters<typeof runRound>[0]>): Promise<string[]> {
  const failed: string[] = [];
  for (const seed of seeds) {
    const { violations } = await runRound({ ...roundOf(seed), ...options });
    for (const { kind, text } of violations) failed.push(`seed ${seed}: ${kind} ${text}`);
  }
  return failed;
}

function seeds(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

test(
  'nothing is over a limit, lost, counted twice, misdated or stranded, whatever fails',
  async () => {
    expect(await failures(seeds(100, ROUNDS), {})).toEqual([]);
  },
  LONG,
);

test(
  'nor with round trips of 100 and 300 ms, and with a backend that answers late',
  async () => {
    expect(await failures(seeds(1_000, 8), { roundTrip: ROUND_TRIPS.far })).toEqual([]);
    expect(await failures(seeds(2_000, 8), { roundTrip: ROUND_TRIPS.farther })).toEqual([]);
    expect(await failures(seeds(3_000, 4), slow(ROUND_TRIPS.near))).toEqual([]);
  },
  LONG,
);

test(
  'the same seed is the same round',
  async () => {
    const one = await runRound({ seed: 5 });
    const other = await runRound({ seed: 5 });
    expect(other.steps).toBe(one.steps);
    expect(other.figures).toEqual(one.figures);
  },
  LONG,
);

describe('each rule is needed', () => {
  test.each(Object.keys(MUTATIONS).filter(isMutation))(
    'without %s some round breaks',
    async (rule) => {
      expect(await breaks(rule, 40, 1)).not.toBeNull();
    },
    LONG,
  );
});

test(
  'below the limit nearly no request waits, and none of the quota is lost above it',
  async () => {
    const below = await steadyRow({ gateways: 5, limit: 1_000, demand: 0.8, roundTrip: ROUND_TRIPS.near });
    expect(below.waitsPerThousand).toBeLessThanOrEqual(2.5);
    expect(below.over + below.headersAbove).toBe(0);
    const above = await steadyRow({ gateways: 5, limit: 1_000, demand: 1.2, roundTrip: ROUND_TRIPS.near });
    expect(above.unusedPercent).toBeLessThanOrEqual(0.1);
    expect(above.refusedElsewherePercent).toBeLessThanOrEqual(1);
    expect(above.over).toBe(0);
  },
  LONG,
);
