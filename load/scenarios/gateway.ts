import { engineAlone } from '../peers/engine.ts';
import { haproxy } from '../peers/haproxy.ts';
import { nginxLua, nginxPlain } from '../peers/nginx.ts';
import { tallygate } from '../peers/tallygate.ts';
import { nodeUndici } from '../peers/undici.ts';
import type { Report, Verdict } from '../report.ts';
import { pairedRatio, spread } from '../statistics.ts';
import type { ScenarioOptions } from '../stage.ts';
import type { Rounds } from './cost.ts';
import { compareCost } from './cost.ts';

/** What the gateway's CPU time per request may be at most, as a multiple of a peer's in the same rounds. */
const BARS: readonly (readonly [ours: string, theirs: string, most: number])[] = [
  [tallygate.name, nginxLua.name, 1.3],
  [tallygate.name, haproxy.name, 1.45],
  [tallygate.name, nodeUndici.name, 0.6],
];

/** CPU time per request of the gateway beside nginx plain, nginx + Lua, HAProxy and node:http + undici. */
export async function gatewayCost(options: ScenarioOptions): Promise<Report> {
  const candidates = [nginxPlain, nginxLua, haproxy, nodeUndici, engineAlone, tallygate];
  const rounds = await compareCost(candidates, options);
  const lua = costs(rounds, nginxLua.name);
  return {
    name: 'gateway',
    title: 'CPU time of the gateway per request, beside its peers',
    command: `npm run load -- gateway --rounds ${options.rounds} --seconds ${options.seconds}`,
    columns: [
      'candidate',
      'CPU µs/request (least–greatest)',
      '÷ nginx + Lua (least–greatest)',
      'requests/s',
      'upstream CPU µs',
      'stolen %',
    ],
    rows: candidates.map(({ name }) => {
      const cost = spread(costs(rounds, name));
      const ratio = pairedRatio(costs(rounds, name), lua);
      const each = rounds.get(name) ?? [];
      return [
        name,
        `${cost.median.toFixed(1)} (${cost.least.toFixed(1)}–${cost.greatest.toFixed(1)})`,
        `${ratio.median.toFixed(2)} (${ratio.least.toFixed(2)}–${ratio.greatest.toFixed(2)})`,
        spread(each.map(({ perSecond }) => perSecond)).median.toFixed(0),
        spread(each.map(({ upstreamCost }) => upstreamCost)).median.toFixed(1),
        spread(each.map(({ stolen }) => stolen)).median.toFixed(1),
      ];
    }),
    verdicts: BARS.map(([ours, theirs, most]) => judge(rounds, ours, theirs, most)),
    notes: [
      'Every candidate has one core; the generator (wrk, closed loop, so its latencies are not quoted) and the upstream share the other.',
      'Tallygate does what it does in production: strict parsing, key look-up, a usage limit from a lease, metering, the journal on disk, metrics.',
    ],
    raw: Object.fromEntries(rounds),
  };
}

function costs(rounds: Rounds, name: string): number[] {
  return (rounds.get(name) ?? []).map(({ cost }) => cost);
}

function judge(rounds: Rounds, ours: string, theirs: string, most: number): Verdict {
  const value = pairedRatio(costs(rounds, ours), costs(rounds, theirs)).median;
  return { measure: `${ours} ÷ ${theirs}`, value, must: `≤ ${most}`, passed: value <= most };
}
