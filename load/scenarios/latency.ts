import { openLoop } from '../machine/open-loop.ts';
import type { OpenLoopResult } from '../machine/open-loop.ts';
import { direct } from '../peers/direct.ts';
import { nginxLua } from '../peers/nginx.ts';
import { tallygate } from '../peers/tallygate.ts';
import type { Report } from '../report.ts';
import { measure } from '../rounds.ts';
import { OTHER_CORE, withStage } from '../stage.ts';
import type { OnStage, ScenarioOptions } from '../stage.ts';
import { pairedRatio, spread } from '../statistics.ts';

const SHARES = [0.2, 0.6];
/** The median of fewer rounds than this says nothing of a p99 on a shared machine. */
const LEAST_ROUNDS = 9;

type Results = ReadonlyMap<number, ReadonlyMap<string, readonly OpenLoopResult[]>>;

/** Latency added over the upstream alone, at fixed rates that are shares of the gateway's maximum, open loop. */
export async function addedLatency(options: ScenarioOptions): Promise<Report> {
  const rounds = Math.max(options.rounds, LEAST_ROUNDS);
  const { rates, results } = await withStage(
    (upstream) => [direct(upstream), nginxLua, tallygate],
    options,
    async (started, upstream) => {
      const ours = started.find(({ name }) => name === tallygate.name);
      if (ours === undefined) throw new Error('the gateway did not start');
      const { tools, connections, seconds } = options;
      const most = await measure(ours.candidate, { tools, upstream, seconds, connections, core: OTHER_CORE });
      const byShare = SHARES.map((share) => [share, Math.round(share * most.perSecond)] as const);
      return { rates: new Map(byShare), results: await play(started, byShare, rounds, options) };
    },
  );
  return report(options, rounds, rates, results);
}

async function play(
  started: readonly OnStage[],
  rates: readonly (readonly [share: number, rate: number])[],
  rounds: number,
  { seconds, connections, progress }: ScenarioOptions,
): Promise<Results> {
  const results = new Map(
    SHARES.map((share) => [share, new Map<string, OpenLoopResult[]>(started.map(({ name }) => [name, []]))]),
  );
  for (let round = 0; round < rounds; round++) {
    for (const [share, rate] of rates) {
      for (const { name, candidate } of started) {
        const taken = await openLoop({ url: candidate.url, rate, seconds, connections, core: OTHER_CORE });
        if (taken.errors > 0) throw new Error(`${name}: ${taken.errors} errors; a round with an error in it is void`);
        results.get(share)?.get(name)?.push(taken);
        progress(`round ${round + 1}/${rounds}  ${rate}/s  ${name}: p50 ${taken.p50} µs, p99 ${taken.p99} µs`);
      }
    }
  }
  return results;
}

function report(
  options: ScenarioOptions,
  rounds: number,
  rates: ReadonlyMap<number, number>,
  results: Results,
): Report {
  const of = (share: number, name: string): readonly OpenLoopResult[] => results.get(share)?.get(name) ?? [];
  const added = (share: number, name: string): number[] =>
    of(share, name).map(({ p50 }, round) => Math.max(1, p50 - (of(share, 'direct')[round]?.p50 ?? 0)));
  const rows = SHARES.flatMap((share) =>
    ['direct', nginxLua.name, tallygate.name].map((name) => {
      const each = of(share, name);
      const p99 = spread(each.map((result) => result.p99));
      return [
        `${share * 100} % (${rates.get(share) ?? 0}/s)`,
        name,
        spread(each.map((result) => result.p50)).median.toFixed(0),
        name === 'direct' ? '' : spread(added(share, name)).median.toFixed(0),
        `${p99.median.toFixed(0)} (${p99.least}–${p99.greatest})`,
        spread(each.map((result) => result.cpuMicrosecondsPerRequest)).median.toFixed(1),
      ];
    }),
  );
  return {
    name: 'latency',
    title: 'Latency added by the gateway, open loop',
    command: `npm run load -- latency --rounds ${rounds} --seconds ${options.seconds}`,
    columns: ['rate', 'candidate', 'p50 µs', 'added p50 µs', 'p99 µs (least–greatest)', 'generator CPU µs/request'],
    rows,
    verdicts: SHARES.map((share) => {
      const value = pairedRatio(added(share, tallygate.name), added(share, nginxLua.name)).median;
      return { measure: `added p50 at ${share * 100} % ÷ nginx + Lua`, value, must: '≤ 1.5', passed: value <= 1.5 };
    }),
    notes: [
      'The schedule is fixed in advance and a latency counts from the intended moment. p99 on a shared machine is no gate.',
    ],
    raw: Object.fromEntries([...results].map(([share, byName]) => [share, Object.fromEntries(byName)])),
  };
}
