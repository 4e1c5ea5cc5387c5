import type { PrivateRedis } from '../../../test/harness/redis.ts';
import { redisMemory, redisOn } from '../../machine/redis.ts';
import { authrep, provisionBackend, startBackend } from '../../peers/backend.ts';
import type { Started } from '../../peers/candidate.ts';
import { addApplications } from '../../peers/many-applications.ts';
import type { Report } from '../../report.ts';
import type { ScenarioOptions } from '../../stage.ts';
import { pairedRatio, spread } from '../../statistics.ts';
import { atMost } from '../../verdict.ts';
import { saturate } from './authrep.ts';
import type { Saturated } from './authrep.ts';

const SIZES = [10, 10_000, 1_000_000];
/** Applications that call, whatever the number of those that are known: spread over all of them. */
const CALLERS = 10;
/** Calls of one round when any application calls, and a step that comes to each application once before it comes again. */
const SAMPLE = 30_000;
const STRIDE = 7_919;
/** How much dearer an authrep may be than with the fewest applications. */
const MOST_GROWTH = 1.15;

interface Stand {
  readonly size: number;
  readonly redis: PrivateRedis;
  readonly backend: Started;
  readonly configuration: number;
  readonly few: Saturated[];
  readonly all: Saturated[];
}

/** Does an authrep cost more when there are more applications? */
export async function backendGrowth(options: ScenarioOptions): Promise<Report> {
  const stands: Stand[] = [];
  try {
    for (const size of SIZES) stands.push(await open(size, options));
    for (let round = -1; round < options.rounds; round++) {
      for (const stand of stands) await play(stand, round, options);
    }
    return report(stands);
  } finally {
    for (const { backend, redis } of stands) {
      await backend.stop();
      await redis.close();
    }
  }
}

async function open(size: number, { progress, cores }: ScenarioOptions): Promise<Stand> {
  const redis = await redisOn(cores.other);
  const backend = await startBackend(redis, cores.candidate);
  await provisionBackend(backend, 1);
  const before = await redisMemory(redis);
  await addApplications(redis.url, 1, size);
  const configuration = ((await redisMemory(redis)) - before) / size;
  progress(`${size} applications are there, ${configuration.toFixed(0)} bytes of Redis each`);
  return { size, redis, backend, configuration, few: [], all: [] };
}

/** The first round warms up. */
async function play(stand: Stand, round: number, options: ScenarioOptions): Promise<void> {
  const { size, redis, backend } = stand;
  const seconds = round < 0 ? 1 : options.seconds;
  const few = Array.from({ length: CALLERS }, (_, index) => Math.floor((index * size) / CALLERS));
  const ofFew = await saturate({ ...backend, targets: few.map(authrep) }, redis, options, seconds);
  const ofAll = await saturate({ ...backend, targets: sample(size, round).map(authrep) }, redis, options, seconds);
  if (round < 0) return;
  stand.few.push(ofFew);
  stand.all.push(ofAll);
  options.progress(
    `round ${round + 1}  ${size}: the same callers ${ofFew.cost.toFixed(1)} µs, Redis ${ofFew.redisCost.toFixed(1)} µs; any of them ${ofAll.cost.toFixed(1)} µs, Redis ${ofAll.redisCost.toFixed(1)} µs`,
  );
}

/** Applications that call in one round: all, or where there are more than that, others in each round. */
function sample(size: number, round: number): number[] {
  const count = Math.min(size, SAMPLE);
  return Array.from({ length: count }, (_, index) => ((index + (round + 1) * count) * STRIDE) % size);
}

function report(stands: readonly Stand[]): Report {
  const cost = (rounds_: readonly Saturated[]): number[] => rounds_.map((each) => each.cost);
  const least = cost(stands[0]?.few ?? []);
  const text = (values: readonly number[]): string => {
    const { median, least: low, greatest } = spread(values);
    return `${median.toFixed(1)} (${low.toFixed(1)}–${greatest.toFixed(1)})`;
  };
  return {
    title: 'An authrep as the number of applications grows',
    columns: [
      'applications',
      `${CALLERS} of them call: CPU µs`,
      '÷ fewest',
      'Redis CPU µs',
      'any of them calls: CPU µs',
      'Redis CPU µs',
      'configuration, bytes of Redis each',
    ],
    rows: stands.map(({ size, few, all, configuration }) => [
      String(size),
      text(cost(few)),
      pairedRatio(cost(few), least).median.toFixed(2),
      text(few.map(({ redisCost }) => redisCost)),
      text(cost(all)),
      text(all.map(({ redisCost }) => redisCost)),
      configuration.toFixed(0),
    ]),
    verdicts: stands
      .slice(1)
      .map(({ size, few }) =>
        atMost(
          `authrep with ${size} applications ÷ with ${SIZES[0]}`,
          pairedRatio(cost(few), least).median,
          MOST_GROWTH,
        ),
      ),
    notes: [
      'The same number of applications calls at every size, spread over all that are known. Where any of 1,000,000 calls, nearly each call is of one that the process has not kept: its key and its record are read from Redis.',
    ],
    raw: stands.map(({ size, configuration, few, all }) => ({ size, configuration, few, all })),
  };
}
