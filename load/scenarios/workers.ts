import { NODE_WARM_UP, named } from '../peers/candidate.ts';
import { ONE_CALLER } from '../peers/setup.ts';
import { tallygate } from '../peers/tallygate.ts';
import type { Report } from '../report.ts';
import type { ScenarioOptions } from '../stage.ts';
import { withSpread } from '../table.ts';
import { atMost } from '../verdict.ts';
import { SURROUNDINGS, compareCost } from './cost.ts';
import type { Rounds } from './cost.ts';

const ONE = named('1 worker', tallygate());
/** Each worker compiles its own code, and gets half of the requests for it. */
const TWO = {
  ...named('2 workers', tallygate(ONE_CALLER, { settings: { workers: 2 } })),
  warmUpSeconds: 2 * NODE_WARM_UP,
};

/**
 * CPU time per request with two workers, primary and all, beside one: on the one core that every candidate has, and with
 * nothing pinned. On two cores the second shows what the machine makes of it, since gateway, generator and upstream then
 * want three.
 */
export async function workersCost(options: ScenarioOptions): Promise<Report> {
  const onOneCore = await compareCost([ONE, TWO], options);
  const unpinned = await compareCost([ONE, TWO], { ...options, cores: { candidate: null, other: null } });
  return {
    title: 'Two workers beside one',
    columns: ['gateway', 'CPU µs/request (least–greatest)', '÷ 1 worker', 'requests/s', ...SURROUNDINGS],
    rows: [...rowsOf('on one core', onOneCore), ...rowsOf('on all cores', unpinned)],
    verdicts: [
      atMost('CPU per request with 2 workers ÷ with 1', onOneCore.ratio(TWO.name, ONE.name, 'cost').median, 1.1),
    ],
    notes: [
      'The cost of two workers has that of their primary in it. On all cores they share the cores with generator, upstream and backend.',
    ],
    raw: { onOneCore, unpinned },
  };
}

function rowsOf(where: string, rounds: Rounds): string[][] {
  return [ONE, TWO].map(({ name }) => [
    `${name}, ${where}`,
    rounds.shown(name, 'cost', 1),
    withSpread(rounds.ratio(name, ONE.name, 'cost'), 2),
    rounds.spread(name, 'perSecond').median.toFixed(0),
    ...rounds.surroundings(name),
  ]);
}
