import { generate } from '../machine/generator.ts';
import type { Generated } from '../machine/generator.ts';
import { toolsOf } from '../peers/candidate.ts';
import { direct } from '../peers/direct.ts';
import { nginxLua } from '../peers/nginx.ts';
import { tallygate } from '../peers/tallygate.ts';
import type { Report } from '../report.ts';
import { measure } from '../rounds.ts';
import { withStage } from '../stage.ts';
import type { OnStage, ScenarioOptions } from '../stage.ts';
import { pairedRatio, spread } from '../statistics.ts';
import { withSpread } from '../table.ts';
import { atMost } from '../verdict.ts';

const OURS = tallygate();
const LUA = nginxLua();

const SHARES = [0.2, 0.6];
/** Seconds. */
const LEAD_IN = 2;
/** The median of fewer rounds than this says nothing of a p99 on a shared machine. */
const LEAST_ROUNDS = 9;

type Results = ReadonlyMap<number, ReadonlyMap<string, readonly Generated[]>>;

/** Latency added over the upstream alone, at fixed rates that are shares of the gateway's maximum, open loop. */
export async function addedLatency(options: ScenarioOptions): Promise<Report> {
  const rounds = Math.max(options.rounds, LEAST_ROUNDS);
  const { rates, results } = await withStage(
    (upstream) => [direct(upstream), LUA, OURS],
    options,
    async (started, upstream) => {
      const ours = started.find(({ name }) => name === OURS.name);
      if (ours === undefined) throw new Error('the gateway did not start');
      const { folder, connections, seconds } = options;
      const settings = { tools: toolsOf(options), folder, upstream, connections, core: options.cores.other };
      await measure(ours.candidate, { ...settings, seconds: ours.warmUpSeconds });
      const most = await measure(ours.candidate, { ...settings, seconds });
      const byShare = SHARES.map((share) => [share, Math.round(share * most.perSecond)] as const);
      return { rates: new Map(byShare), results: await play(started, byShare, rounds, options) };
    },
  );
  return report(rates, results);
}

async function play(
  started: readonly OnStage[],
  rates: readonly (readonly [share: number, rate: number])[],
  rounds: number,
  { seconds, connections, cores, progress }: ScenarioOptions,
): Promise<Results> {
  const results = new Map(
    SHARES.map((share) => [share, new Map<string, Generated[]>(started.map(({ name }) => [name, []]))]),
  );
  for (let round = 0; round < rounds; round++) {
    for (const [share, rate] of rates) {
      for (const { name, candidate } of started) {
        const { port, targets, status } = candidate;
        const taken = await unspoilt(
          () => generate({ port, targets, status, rate, leadIn: LEAD_IN, seconds, connections, core: cores.other }),
          name,
        );
        results.get(share)?.get(name)?.push(taken);
        progress(`round ${round + 1}/${rounds}  ${rate}/s  ${name}: p50 ${taken.p50} µs, p99 ${taken.p99} µs`);
      }
    }
  }
  return results;
}

/** A round with an error in it is void and run again, three times at most. */
async function unspoilt(run: () => Promise<Generated>, name: string): Promise<Generated> {
  let fault = '';
  for (let tries = 0; tries < 3; tries++) {
    const taken = await run();
    if (taken.errors === 0) return taken;
    fault = taken.fault;
  }
  throw new Error(`${name}: three rounds in a row had errors: ${fault}`);
}

function report(rates: ReadonlyMap<number, number>, results: Results): Report {
  const of = (share: number, name: string): readonly Generated[] => results.get(share)?.get(name) ?? [];
  const added = (share: number, name: string): number[] =>
    of(share, name).map(({ p50 }, round) => Math.max(1, p50 - (of(share, 'direct')[round]?.p50 ?? 0)));
  const row = (share: number, name: string): string[] => {
    const each = of(share, name);
    return [
      `${share * 100} % (${rates.get(share) ?? 0}/s)`,
      name,
      withSpread(spread(each.map(({ p50 }) => p50)), 0),
      name === 'direct' ? '' : withSpread(spread(added(share, name)), 0),
      withSpread(spread(each.map(({ p99 }) => p99)), 0),
      spread(each.map(({ cpu }) => cpu)).median.toFixed(1),
    ];
  };
  return {
    title: 'Latency added by the gateway, open loop',
    columns: [
      'rate',
      'candidate',
      'p50 µs (least–greatest)',
      'added p50 µs (least–greatest)',
      'p99 µs (least–greatest)',
      'generator CPU µs',
    ],
    rows: SHARES.flatMap((share) => ['direct', LUA.name, OURS.name].map((name) => row(share, name))),
    verdicts: SHARES.map((share) => {
      const value = pairedRatio(added(share, OURS.name), added(share, LUA.name)).median;
      return atMost(`added p50 at ${share * 100} % of the maximum ÷ nginx + Lua's`, value, 1.5, 1.1);
    }),
    notes: [
      'Open loop, in a process of its own: the schedule is fixed in advance and a latency counts from the intended moment. The generator never sleeps, so that its CPU per request is what its core has left. p99 is the median of the rounds; on a shared machine it is no gate.',
    ],
    raw: Object.fromEntries([...results].map(([share, byName]) => [share, Object.fromEntries(byName)])),
  };
}
