import { engineAlone } from '../peers/engine.ts';
import { tallygate } from '../peers/tallygate.ts';
import type { Report } from '../report.ts';
import type { ScenarioOptions } from '../stage.ts';
import { withSpread } from '../table.ts';
import { atLeast } from '../verdict.ts';
import { SURROUNDINGS, compareCost } from './cost.ts';

const OURS = tallygate();

/** Throughput with authorization, limit and metering, as a share of that of the same engine without them. */
export async function authorizationCost(options: ScenarioOptions): Promise<Report> {
  const candidates = [engineAlone, OURS];
  const rounds = await compareCost(candidates, options);
  const share = rounds.ratio(OURS.name, engineAlone.name, 'perSecond');
  return {
    title: 'What authorization, limit and metering cost',
    columns: ['candidate', 'requests/s (least–greatest)', '%', 'CPU µs/request (least–greatest)', ...SURROUNDINGS],
    rows: candidates.map(({ name }) => [
      name,
      rounds.shown(name, 'perSecond', 0),
      (100 * rounds.ratio(name, engineAlone.name, 'perSecond').median).toFixed(0),
      rounds.shown(name, 'cost', 1),
      ...rounds.surroundings(name),
    ]),
    verdicts: [atLeast('throughput with authorization, limit, metering ÷ without', share.median, 0.8, 0.9)],
    notes: [
      `Round by round: ${withSpread(share, 2)} of the throughput; CPU per request ${withSpread(rounds.ratio(OURS.name, engineAlone.name, 'cost'), 2)} of the bare engine's, which looks nothing up, matches no rule, writes no journal and keeps no metrics. Published for the same question: APISIX 0.78, Kong 0.76.`,
    ],
    raw: rounds,
  };
}
