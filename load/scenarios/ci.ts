import { join } from 'node:path';
import { packageRoot } from '../../shared/package-root.ts';
import { generate } from '../machine/generator.ts';
import { launch } from '../machine/process.ts';
import type { Running } from '../machine/process.ts';
import { tallygate } from '../peers/tallygate.ts';
import { nodeUndici } from '../peers/undici.ts';
import type { Report } from '../report.ts';
import { costOf } from '../rounds.ts';
import type { Round } from '../rounds.ts';
import { withStage } from '../stage.ts';
import type { OnStage, ScenarioOptions } from '../stage.ts';
import { withSpread } from '../table.ts';
import { atMost } from '../verdict.ts';
import { Rounds, SURROUNDINGS, valid } from './cost.ts';

const OURS = tallygate();
const MOST = 0.75;
const WARM_UP_SECONDS = 1;

/** CPU per request beside node:http + undici, with a generator and an upstream of Node.js: a guard against getting slow. */
export async function ci(options: ScenarioOptions): Promise<Report> {
  const { cores, rounds: count, seconds, connections, progress } = options;
  const candidates = [nodeUndici, OURS];
  const startUpstream = (port: number): Promise<Running> =>
    launch({
      command: process.execPath,
      args: [join(packageRoot, 'dist/load/peers/upstream-server.js'), String(port)],
      core: cores.other,
      ready: /ready/,
    });
  const rounds = new Rounds();
  await withStage(
    () => candidates,
    { ...options, startUpstream },
    async (started, upstream) => {
      const drive = ({ candidate }: OnStage, length: number): Promise<Round> =>
        costOf(candidate, upstream, async () => {
          const { port, targets, status } = candidate;
          const seen = await generate({
            leadIn: 0.5,
            port,
            targets,
            status,
            rate: null,
            seconds: length,
            connections,
            core: cores.other,
          });
          const { answered: requests, perSecond, p50, p95, p99, errors } = seen;
          return { requests, perSecond, p50, p95, p99, errors };
        });
      for (const each of started) await drive(each, WARM_UP_SECONDS);
      for (let round = 0; round < count; round++) {
        for (const each of started) rounds.add(each.name, await valid(() => drive(each, seconds), each.name));
        progress(`round ${round + 1}/${count}`);
      }
    },
  );
  const ratio = rounds.ratio(OURS.name, nodeUndici.name, 'cost');
  return {
    title: 'CPU per request beside node:http + undici, without other peers',
    columns: ['candidate', 'CPU µs/request (least–greatest)', 'requests/s', ...SURROUNDINGS],
    rows: candidates.map(({ name }) => [
      name,
      rounds.shown(name, 'cost', 1),
      rounds.spread(name, 'perSecond').median.toFixed(0),
      ...rounds.surroundings(name),
    ]),
    verdicts: [atMost('CPU per request ÷ node:http + undici (CI)', ratio.median, MOST)],
    notes: [`Round by round: ${withSpread(ratio, 2)}.`],
    raw: rounds,
  };
}
