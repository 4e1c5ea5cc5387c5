import type { Candidate } from '../peers/candidate.ts';
import { named } from '../peers/candidate.ts';
import { ONE_CALLER } from '../peers/setup.ts';
import { tallygate } from '../peers/tallygate.ts';
import { uncounted } from '../peers/uncounted.ts';
import type { Report } from '../report.ts';
import type { ScenarioOptions } from '../stage.ts';
import { withSpread } from '../table.ts';
import { atMost } from '../verdict.ts';
import { SURROUNDINGS, compareCost } from './cost.ts';

/** Callers that take turns: what one tick has in common is one record of the journal, so both ends are shown. */
const CALLERS = [1, 100] as const;
/** The compiler goes on optimising for this long; the gateway with everything on has more to optimise. */
const WARM_UP = 10;
const MOST = 1.1;

/** What leases and journal cost of the gateway's CPU time, beside the same gateway that decides from memory and counts nothing. */
export async function countingCost(options: ScenarioOptions): Promise<Report> {
  const pairs = CALLERS.map((count) => {
    const setup = { ...ONE_CALLER, applications: count, spread: count > 1 };
    const of = (name: string, candidate: Candidate): Candidate => ({
      ...named(`${name}, ${count === 1 ? '1 caller' : `${count} callers`}`, candidate),
      warmUpSeconds: WARM_UP,
    });
    return [of('without leases and journal', uncounted(setup)), of('with', tallygate(setup))] as const;
  });
  const rounds = await compareCost(pairs.flat(), options);
  return {
    title: 'What leases and journal cost per request',
    columns: ['gateway', 'CPU µs/request (least–greatest)', '÷ without (least–greatest)', ...SURROUNDINGS],
    rows: pairs.flatMap(([without, all]) =>
      [without, all].map(({ name }) => [
        name,
        rounds.shown(name, 'cost', 1),
        withSpread(rounds.ratio(name, without.name, 'cost'), 2),
        ...rounds.surroundings(name),
      ]),
    ),
    verdicts: pairs.map(([without, all]) =>
      atMost(`CPU ${all.name} ÷ without`, rounds.ratio(all.name, without.name, 'cost').median, MOST),
    ),
    notes: [
      'Without: the same engine, routing, credentials, mapping rules, answers and metrics, and a constant decision from memory: no lease, no journal, no backend.',
    ],
    raw: rounds,
  };
}
