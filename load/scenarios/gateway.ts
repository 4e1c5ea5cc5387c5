import { engineAlone } from '../peers/engine.ts';
import { haproxy } from '../peers/haproxy.ts';
import { nginxLua, nginxPlain } from '../peers/nginx.ts';
import { tallygate, tallygatePipelining } from '../peers/tallygate.ts';
import { nodeUndici } from '../peers/undici.ts';
import type { Report } from '../report.ts';
import type { ScenarioOptions } from '../stage.ts';
import { withSpread } from '../table.ts';
import { atMost } from '../verdict.ts';
import { SURROUNDINGS, compareCost } from './cost.ts';

const OURS = tallygate();
const PIPELINING = tallygatePipelining();
const LUA = nginxLua();

/** What the gateway's CPU time per request may be at most, as a multiple of a peer's in the same rounds. */
const BARS: readonly (readonly [ours: string, theirs: string, must: number, aim: number])[] = [
  [OURS.name, LUA.name, 1.3, 1],
  [OURS.name, haproxy.name, 1.45, 1],
  [OURS.name, nodeUndici.name, 0.6, 0.45],
  [PIPELINING.name, LUA.name, 1, 0.8],
];

/** CPU time per request of the gateway beside nginx plain, nginx + Lua, HAProxy and node:http + undici. */
export async function gatewayCost(options: ScenarioOptions): Promise<Report> {
  const candidates = [nginxPlain, LUA, haproxy, nodeUndici, engineAlone, OURS, PIPELINING];
  const rounds = await compareCost(candidates, options);
  return {
    title: 'CPU time of the gateway per request, beside its peers',
    columns: [
      'candidate',
      'CPU µs/request (least–greatest)',
      '÷ nginx + Lua (least–greatest)',
      'requests/s',
      ...SURROUNDINGS,
    ],
    rows: candidates.map(({ name }) => [
      name,
      rounds.shown(name, 'cost', 1),
      withSpread(rounds.ratio(name, LUA.name, 'cost'), 2),
      rounds.spread(name, 'perSecond').median.toFixed(0),
      ...rounds.surroundings(name),
    ]),
    verdicts: BARS.map(([ours, theirs, must, aim]) =>
      atMost(`CPU per request, ${ours} ÷ ${theirs}`, rounds.ratio(ours, theirs, 'cost').median, must, aim),
    ),
    notes: [
      'Every candidate has one core; the generator (wrk, 50 connections) and the upstream share the other. Tallygate does what it does in production: strict parsing, key look-up, a usage limit from a lease, metering, the journal on disk, metrics. "engine alone" authorizes, limits and counts nothing.',
    ],
    raw: rounds,
  };
}
