import { named } from '../peers/candidate.ts';
import { ONE_CALLER } from '../peers/setup.ts';
import { tallygate } from '../peers/tallygate.ts';
import type { Report } from '../report.ts';
import type { ScenarioOptions } from '../stage.ts';
import { withSpread } from '../table.ts';
import { atMost } from '../verdict.ts';
import { SURROUNDINGS, compareCost } from './cost.ts';

const ONE = named('1 worker', tallygate());
const TWO = named('2 workers', tallygate(ONE_CALLER, { settings: { workers: 2 } }));

/**
 * CPU time per request with two workers, primary and all, beside one. Nothing is pinned: on two cores the generator and
 * the upstream take from the second worker what they take, so throughput tells little and cost is what is compared.
 */
export async function workersCost(options: ScenarioOptions): Promise<Report> {
  const candidates = [ONE, TWO];
  const rounds = await compareCost(candidates, { ...options, cores: { candidate: null, other: null } });
  const ratio = rounds.ratio(TWO.name, ONE.name, 'cost');
  return {
    title: 'Two workers beside one',
    columns: ['gateway', 'CPU µs/request (least–greatest)', '÷ 1 worker', 'requests/s', ...SURROUNDINGS],
    rows: candidates.map(({ name }) => [
      name,
      rounds.shown(name, 'cost', 1),
      withSpread(rounds.ratio(name, ONE.name, 'cost'), 2),
      rounds.spread(name, 'perSecond').median.toFixed(0),
      ...rounds.surroundings(name),
    ]),
    verdicts: [atMost('CPU per request with 2 workers ÷ with 1', ratio.median, 1.1)],
    notes: [
      'The cost of two workers has that of their primary in it. Gateway, generator, upstream and backend share all cores of the machine.',
    ],
    raw: rounds,
  };
}
