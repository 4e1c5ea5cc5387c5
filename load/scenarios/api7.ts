import type { Candidate, Started } from '../peers/candidate.ts';
import { askedFor, named, toolsOf } from '../peers/candidate.ts';
import { engineWithRules } from '../peers/engine.ts';
import { OWN_ANSWER, nginxLua } from '../peers/nginx.ts';
import { ONE_CALLER } from '../peers/setup.ts';
import type { Setup } from '../peers/setup.ts';
import { tallygate } from '../peers/tallygate.ts';
import { generate } from '../machine/generator.ts';
import type { Generated } from '../machine/generator.ts';
import type { Report } from '../report.ts';
import { measure } from '../rounds.ts';
import { withStage } from '../stage.ts';
import type { OnStage, ScenarioOptions } from '../stage.ts';
import type { Verdict } from '../verdict.ts';
import { Rounds, SURROUNDINGS, valid } from './cost.ts';

/** The rows of API7's published baseline: what is enabled. */
const FEATURES: readonly (readonly [name: string, on: Pick<Setup, 'key' | 'limit'>])[] = [
  ['nothing', { key: false, limit: false }],
  ['limit', { key: false, limit: true }],
  ['key', { key: true, limit: false }],
  ['key and limit', { key: true, limit: true }],
];
const COUNTS = [1, 100];
const ROWS = FEATURES.flatMap(([name, on]) =>
  COUNTS.map((count) => ({
    label: `${name}, ${count}`,
    setup: { ...ONE_CALLER, ...on, rules: count, applications: count, spread: true },
  })),
);
const OWN = 'answered by the gateway itself';
const FIRST = ROWS[0]?.label ?? '';
const LAST = ROWS.at(-1)?.label ?? '';
/** By how much API7's requests/s fall from the first row to the last, %. */
const PUBLISHED_FALL = 24.6;
/** Latencies are taken at this share of what the slowest candidate can do, in an open loop. */
const LATENCY_SHARE = 0.3;

type Latencies = ReadonlyMap<string, Generated>;

/** API7's eight rows, beside nginx with Lua. */
export async function api7(options: ScenarioOptions): Promise<Report> {
  return withStage(
    () => [...ROWS.flatMap(({ label, setup }) => [ours(label, setup), lua(label, setup)]), ...ownAnswers()],
    options,
    async (started, upstream) => {
      const { folder, rounds: count, seconds, connections, progress } = options;
      const settings = { tools: toolsOf(options), folder, upstream, connections, core: options.cores.other };
      const rounds = new Rounds();
      const latencies = new Map<string, Generated>();
      const reached: number[] = [];
      for (const { candidate, warmUpSeconds } of started) {
        reached.push((await measure(candidate, { ...settings, seconds: warmUpSeconds })).perSecond);
      }
      const rate = Math.round(LATENCY_SHARE * Math.min(...reached));
      for (let round = 0; round < count; round++) {
        for (const { name, candidate } of started) {
          rounds.add(name, await valid(() => measure(candidate, { ...settings, seconds }), name));
        }
        progress(`round ${round + 1}/${count} of ${started.length} candidates`);
      }
      for (const { name, candidate } of started) latencies.set(name, await latency(candidate, name, rate, options));
      return report(rounds, latencies, rate);
    },
  );
}

/** Without key and limit it is the engine with the rules; a limit of ours always has a caller, so it takes the key with it. */
function ours(label: string, setup: Setup): Candidate {
  const candidate = setup.key || setup.limit ? tallygate({ ...setup, key: true }) : engineWithRules(setup);
  return named(oursName(label), candidate);
}

function lua(label: string, setup: Setup): Candidate {
  return named(luaName(label), nginxLua(setup));
}

function ownAnswers(): Candidate[] {
  return [
    named(oursName(OWN), askedFor(OWN_ANSWER, tallygate(), 404)),
    named(luaName(OWN), askedFor(OWN_ANSWER, nginxLua(), 404)),
  ];
}

const oursName = (label: string): string => `${label}: ours`;
const luaName = (label: string): string => `${label}: nginx + Lua`;

async function latency(
  { port, targets, status }: Started,
  name: OnStage['name'],
  rate: number,
  { seconds, connections, cores }: ScenarioOptions,
): Promise<Generated> {
  const load = {
    port,
    targets,
    status,
    rate,
    leadIn: 1,
    seconds: Math.max(1, seconds / 2),
    connections,
    core: cores.other,
  };
  let fault = '';
  for (let tries = 0; tries < 3; tries++) {
    const seen = await generate(load);
    if (seen.errors === 0) return seen;
    fault = seen.fault;
  }
  throw new Error(`${name}: three rounds in a row had errors: ${fault}`);
}

function report(rounds: Rounds, latencies: Latencies, rate: number): Report {
  const labels = [...ROWS.map(({ label }) => label), OWN];
  const percentile = (name: string, figure: 'p95' | 'p99'): string =>
    (latencies.get(name)?.[figure] ?? Number.NaN).toFixed(0);
  const cells = (label: string, who: string, name: string): string[] => [
    label,
    who,
    rounds.shown(name, 'perSecond', 0),
    rounds.spread(name, 'cost').median.toFixed(1),
    percentile(name, 'p95'),
    percentile(name, 'p99'),
    ...rounds.surroundings(name),
  ];
  const fall = (name: (label: string) => string): number =>
    100 * (1 - rounds.ratio(name(LAST), name(FIRST), 'perSecond').median);
  const dearer = (name: (label: string) => string): string =>
    rounds.ratio(name(LAST), name(FIRST), 'cost').median.toFixed(2);
  const fallOfOurs = fall(oursName);
  const verdict: Verdict = {
    measure: 'fall of requests/s from the first row to the eighth, %',
    value: fallOfOurs,
    must: `< ${PUBLISHED_FALL}`,
    aim: '',
    passed: fallOfOurs < PUBLISHED_FALL,
    aimed: fallOfOurs < PUBLISHED_FALL,
  };
  return {
    title: "API7's baseline: what is enabled, and how many routes and consumers there are",
    columns: [
      'enabled, routes and consumers',
      'candidate',
      'requests/s (least–greatest)',
      'CPU µs/request',
      'p95 µs',
      'p99 µs',
      ...SURROUNDINGS,
    ],
    rows: labels.flatMap((label) => [
      cells(label, 'Tallygate', oursName(label)),
      cells(label, 'nginx + Lua', luaName(label)),
    ]),
    verdicts: [verdict],
    notes: [
      `One worker each; with 100, all routes and callers are asked for in turn. "nothing" is our engine with its mapping rules; a limit of ours belongs to a caller, so that "limit" looks the key up as well (nginx counts by address there), and whatever has a key is also metered, journalled and has metrics. Requests/s at saturation (wrk); p95 and p99 from an open loop at ${rate} requests/s. nginx + Lua falls by ${fall(luaName).toFixed(1)} %; the CPU per request of the eighth row is ${dearer(oursName)} of that of the first, with nginx + Lua ${dearer(luaName)}. API7 published, on other hardware, 24,129 falling to 18,194 requests/s, p99 93 to 110 µs. The row without upstream is a 404 for a path that no rule is for.`,
    ],
    raw: { rounds, latencies: Object.fromEntries(latencies) },
  };
}
