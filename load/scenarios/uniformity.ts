import { named } from '../peers/candidate.ts';
import { ONE_CALLER } from '../peers/setup.ts';
import type { Setup } from '../peers/setup.ts';
import { tallygate } from '../peers/tallygate.ts';
import type { Report } from '../report.ts';
import type { ScenarioOptions } from '../stage.ts';
import { withSpread } from '../table.ts';
import type { Verdict } from '../verdict.ts';
import { SURROUNDINGS, compareCost } from './cost.ts';

const BASE = 'one of each';
/** Setup, and whether it is one of those that must cost what `BASE` costs. */
const SETUPS: readonly (readonly [name: string, setup: Partial<Setup>, judged: boolean])[] = [
  [BASE, {}, false],
  ['100 services, all asked for', { services: 100, spread: true }, true],
  ['10,000 applications, one calls', { applications: 10_000 }, true],
  ['200 mapping rules, each matched in turn', { rules: 200, spread: true }, true],
];
const MUST = 0.1;
const AIM = 0.05;

/** Whether many services, applications and mapping rules cost what one costs. */
export async function uniformity(options: ScenarioOptions): Promise<Report> {
  const candidates = SETUPS.map(([name, setup]) => named(name, tallygate({ ...ONE_CALLER, ...setup })));
  const rounds = await compareCost(candidates, options);
  const within = (name: string): Verdict => {
    const off = Math.abs(rounds.ratio(name, BASE, 'cost').median - 1);
    return {
      measure: `CPU per request, ${name}, against ${BASE}: off by, %`,
      value: 100 * off,
      must: `≤ ${100 * MUST}`,
      aim: `≤ ${100 * AIM}`,
      passed: off <= MUST,
      aimed: off <= AIM,
    };
  };
  return {
    title: 'Many services, applications and mapping rules',
    columns: [
      'setup',
      'requests/s (least–greatest)',
      '÷ one of each (least–greatest)',
      'CPU µs/request (least–greatest)',
      '÷ one of each (least–greatest)',
      ...SURROUNDINGS,
    ],
    rows: candidates.map(({ name }) => [
      name,
      rounds.shown(name, 'perSecond', 0),
      withSpread(rounds.ratio(name, BASE, 'perSecond'), 2),
      rounds.shown(name, 'cost', 1),
      withSpread(rounds.ratio(name, BASE, 'cost'), 2),
      ...rounds.surroundings(name),
    ]),
    verdicts: SETUPS.filter(([, , judged]) => judged).map(([name]) => within(name)),
    notes: [
      'Judged by CPU per request: requests/s say the same on a machine that has nothing else to do, and less on one that has.',
    ],
    raw: rounds,
  };
}
