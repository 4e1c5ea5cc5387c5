import { CALM, MUTATIONS, STORMY } from './options.ts';
import type { Faults, Mutation, RoundOptions } from './options.ts';
import { runRound } from './round.ts';

/** Few requests, so that what is held lasts longer than a change may take to be obeyed. */
const SLOW = {
  rate: 2,
  direct: 0,
  reports: 0,
  plain: true,
  duration: 40_000,
  start: Date.UTC(2024, 2, 5, 13, 37, 2),
  limits: [{ metric: 'hits', period: 'minute', max: 24 }],
} as const;

/** What brings out that a rule is missing: the faults that it is for. */
const STAGES: Readonly<
  Record<Mutation, Partial<Omit<RoundOptions, 'seed' | 'faults'>> & { readonly faults?: Partial<Faults> }>
> = {
  wait: { faults: { failovers: 6 } },
  'wait-and-freeze': { faults: { failovers: 6 } },
  redeclaring: { wait: false, faults: { failovers: 4 } },
  'dating-by-window': {},
  'early-end': {
    start: Date.UTC(2024, 2, 5, 13, 37) - 4_000,
    limits: [{ metric: 'hits', period: 'minute', max: 5_000 }],
  },
  'known-revisions': { doubling: 0.3, lateness: 0.2 },
  marks: { doubling: 0.1 },
  'restart-replays': { wait: false, faults: { failovers: 8, kills: 8 } },
  'purge-needs-confirmation': { wait: false, horizon: 500, faults: { failovers: 6, partitions: 8 } },
  confirmation: {
    ...SLOW,
    applications: 1,
    gateways: 5,
    rate: 3,
    limits: [{ metric: 'hits', period: 'minute', max: 100 }],
    faults: { planChanges: 5, leaseCuts: 6, partitions: 8, cutFor: 8_000 },
  },
  'named-versions': {
    ...SLOW,
    gateways: 2,
    limits: [{ metric: 'hits', period: 'minute', max: 40 }],
    faults: { planChanges: 20 },
  },
  'clock-jumps': { start: Date.UTC(2024, 2, 5, 13, 37) - 4_000, faults: { suspensions: 8 } },
  'final-closes': {},
  'journal-first': { faults: { fullDisks: 6, kills: 4 } },
  'floor-by-completion': {},
};

/** Does the round of this seed break as it must when the rule is missing? */
export async function breaksIn(without: Mutation, seed: number): Promise<boolean> {
  const { faults, ...stage } = STAGES[without];
  const result = await runRound({
    seed,
    gateways: 1 + (seed % 5),
    ...stage,
    faults: { ...CALM, lag: STORMY.lag, ...faults },
    without,
  });
  return result.violations.some(({ kind }) => kind === MUTATIONS[without]);
}

/** Runs rounds without the rule until one breaks as it must. Returns that seed, or null. */
export async function breaks(without: Mutation, rounds: number, firstSeed: number): Promise<number | null> {
  for (let seed = firstSeed; seed < firstSeed + rounds; seed += 1) {
    if (await breaksIn(without, seed)) return seed;
  }
  return null;
}
