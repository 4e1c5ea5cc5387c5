import { askedFor } from '../peers/candidate.ts';
import { nginxPlain } from '../peers/nginx.ts';
import { tallygate } from '../peers/tallygate.ts';
import type { Report } from '../report.ts';
import type { ScenarioOptions } from '../stage.ts';
import { atLeast } from '../verdict.ts';
import { SURROUNDINGS, compareCost } from './cost.ts';

const OURS = tallygate();

/** Throughput of response bodies of 1 MB, beside nginx. */
export async function bodies(options: ScenarioOptions): Promise<Report> {
  const candidates = [nginxPlain, OURS].map((candidate) => askedFor('/v1/big', candidate));
  const rounds = await compareCost(candidates, options);
  const share = rounds.ratio(OURS.name, nginxPlain.name, 'perSecond').median;
  return {
    title: 'Responses of 1 MB',
    columns: ['candidate', 'MB/s (least–greatest)', 'CPU µs/MB (least–greatest)', ...SURROUNDINGS],
    rows: candidates.map(({ name }) => [
      name,
      rounds.shown(name, 'perSecond', 0),
      rounds.shown(name, 'cost', 0),
      ...rounds.surroundings(name),
    ]),
    verdicts: [atLeast('throughput of 1 MB bodies ÷ nginx', share, 1, 1.5)],
    notes: [],
    raw: rounds,
  };
}
