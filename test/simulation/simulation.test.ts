import { describe, expect, test } from 'vitest';
import { MUTATIONS, isMutation } from './options.ts';
import { runRound } from './round.ts';
import { steadyRow } from './steady.ts';
import { breaks } from './without.ts';

/** Seeds of a run; more by `npm run simulate -- --rounds N --seed S`. */
const ROUNDS = 40;
const LONG = 120_000;

async function failures(seeds: readonly number[], options: Partial<Parameters<typeof runRound>[0]>): Promise<string[]> {
  const failed: string[] = [];
  for (const seed of seeds) {
    const { violations } = await runRound({ seed, gateways: 1 + (seed % 5), ...options });
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
    expect(await failures(seeds(1, ROUNDS), {})).toEqual([]);
  },
  LONG,
);

test(
  'nor with round trips of 100 and 300 ms',
  async () => {
    expect(await failures(seeds(1_000, 8), { roundTrip: [90, 110] })).toEqual([]);
    expect(await failures(seeds(2_000, 8), { roundTrip: [270, 330] })).toEqual([]);
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
    const below = await steadyRow(5, 1_000, 0.8);
    expect(below.waitsPerThousand).toBeLessThanOrEqual(2.5);
    expect(below.over + below.headersAbove).toBe(0);
    const above = await steadyRow(5, 1_000, 1.2);
    expect(above.unusedPercent).toBeLessThanOrEqual(0.1);
    expect(above.refusedElsewherePercent).toBeLessThanOrEqual(1);
    expect(above.over).toBe(0);
  },
  LONG,
);
