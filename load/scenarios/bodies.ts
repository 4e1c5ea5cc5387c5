import type { Candidate } from '../peers/candidate.ts';
import { nginxPlain } from '../peers/nginx.ts';
import { tallygate } from '../peers/tallygate.ts';
import type { Report } from '../report.ts';
import type { ScenarioOptions } from '../stage.ts';
import { pairedRatio, spread } from '../statistics.ts';
import { compareCost } from './cost.ts';

/** Throughput of response bodies of 1 MB, beside nginx. */
export async function bodies(options: ScenarioOptions): Promise<Report> {
  const candidates = [nginxPlain, tallygate].map(ofBigBody);
  const rounds = await compareCost(candidates, options);
  const perSecond = (name: string): number[] => (rounds.get(name) ?? []).map((round) => round.perSecond);
  const value = pairedRatio(perSecond(tallygate.name), perSecond(nginxPlain.name)).median;
  return {
    name: 'bodies',
    title: 'Responses of 1 MB',
    command: `npm run load -- bodies --rounds ${options.rounds} --seconds ${options.seconds}`,
    columns: ['candidate', 'MB/s (least–greatest)', 'CPU µs/MB'],
    rows: candidates.map(({ name }) => {
      const speed = spread(perSecond(name));
      const cost = spread((rounds.get(name) ?? []).map((round) => round.cost));
      return [
        name,
        `${speed.median.toFixed(0)} (${speed.least.toFixed(0)}–${speed.greatest.toFixed(0)})`,
        cost.median.toFixed(0),
      ];
    }),
    verdicts: [{ measure: 'throughput ÷ nginx', value, must: '≥ 1.0', passed: value >= 1 }],
    notes: [],
    raw: Object.fromEntries(rounds),
  };
}

function ofBigBody(candidate: Candidate): Candidate {
  return {
    name: candidate.name,
    async start(stage) {
      const started = await candidate.start(stage);
      return { ...started, url: started.url.replace('/v1/items', '/v1/big') };
    },
  };
}
