import { redisOn } from '../../machine/redis.ts';
import { provisionBackend, startBackend } from '../../peers/backend.ts';
import type { Started } from '../../peers/candidate.ts';
import { startConstant } from '../../peers/constant.ts';
import type { Report } from '../../report.ts';
import type { ScenarioOptions } from '../../stage.ts';
import { pairedRatio, spread } from '../../statistics.ts';
import type { Generated } from '../../machine/generator.ts';
import { atMost } from '../../verdict.ts';
import { atRate, saturate } from './authrep.ts';
import type { Saturated } from './authrep.ts';

/** CPU of an authrep as a multiple of a fastify route that returns a constant. */
const MOST_RATIO = 4;
const AIMED_RATIO = 3;
/** p50 under this share of the maximum, as a multiple of the p50 of one that is hardly loaded. */
const LOADED = 0.6;
const UNLOADED = 0.02;
const MOST_SLOWER = 1.5;

interface Results {
  readonly constant: Saturated[];
  readonly authrep: Saturated[];
  readonly unloaded: Generated[];
  readonly loaded: Generated[];
}

/** An authrep of the backend before a real Redis: its cost beside a fastify route, and its latency under load. */
export async function backendCost(options: ScenarioOptions): Promise<Report> {
  const redis = await redisOn(options.cores.other);
  const backend = await startBackend(redis, options.cores.candidate);
  const constant = await startConstant(options.cores.candidate);
  try {
    await provisionBackend(backend, 1);
    const results: Results = { constant: [], authrep: [], unloaded: [], loaded: [] };
    for (const each of [constant, backend]) await saturate(each, redis, options, 2);
    for (let round = 0; round < options.rounds; round++) {
      results.constant.push(await saturate(constant, redis, options, options.seconds));
      const most = await saturate(backend, redis, options, options.seconds);
      results.authrep.push(most);
      results.unloaded.push(await steady(backend, options, Math.max(50, UNLOADED * most.perSecond)));
      results.loaded.push(await steady(backend, options, LOADED * most.perSecond));
      options.progress(line(round, results));
    }
    return report(results);
  } finally {
    await constant.stop();
    await backend.stop();
    await redis.close();
  }
}

/** A round in which not all was answered as it must be is void and run again, three times at most. */
async function steady(backend: Started, options: ScenarioOptions, rate: number): Promise<Generated> {
  for (let tries = 0; tries < 3; tries++) {
    const result = await atRate(backend, options, rate, options.seconds);
    if (result !== null) return result;
  }
  throw new Error(`${rate.toFixed(0)} a second: three rounds in a row had errors`);
}

function line(round: number, { constant, authrep, unloaded, loaded }: Results): string {
  const last = { constant: constant.at(-1), authrep: authrep.at(-1), few: unloaded.at(-1), many: loaded.at(-1) };
  return (
    `round ${round + 1}  constant ${last.constant?.cost.toFixed(0)} µs, authrep ${last.authrep?.cost.toFixed(0)} µs, ` +
    `Redis ${last.authrep?.redisCost.toFixed(0)} µs, ${last.authrep?.perSecond.toFixed(0)}/s; ` +
    `p50 ${last.few?.p50} → ${last.many?.p50} µs, p99 ${last.few?.p99} → ${last.many?.p99} µs`
  );
}

function report(results: Results): Report {
  const cost = (name: 'constant' | 'authrep'): number[] => results[name].map((each) => each.cost);
  const ratio = pairedRatio(cost('authrep'), cost('constant'));
  const slower = pairedRatio(
    results.loaded.map(({ p50 }) => p50),
    results.unloaded.map(({ p50 }) => p50),
  );
  const text = (values: readonly number[]): string => {
    const { median, least, greatest } = spread(values);
    return `${median.toFixed(0)} (${least.toFixed(0)}–${greatest.toFixed(0)})`;
  };
  return {
    title: 'An authrep of the backend on Redis',
    columns: ['what', 'median (least–greatest)'],
    rows: [
      ['fastify route that returns a constant, CPU µs', text(cost('constant'))],
      ['authrep, CPU µs of the backend', text(cost('authrep'))],
      ['authrep, CPU µs of Redis', text(results.authrep.map(({ redisCost }) => redisCost))],
      ['authrep per second on one core', text(results.authrep.map(({ perSecond }) => perSecond))],
      ['p50 µs, hardly loaded', text(results.unloaded.map(({ p50 }) => p50))],
      ['p50 µs at 60 %', text(results.loaded.map(({ p50 }) => p50))],
      ['p99 µs, hardly loaded', text(results.unloaded.map(({ p99 }) => p99))],
      ['p99 µs at 60 %', text(results.loaded.map(({ p99 }) => p99))],
    ],
    verdicts: [
      atMost('authrep ÷ fastify route that returns a constant, CPU', ratio.median, MOST_RATIO, AIMED_RATIO),
      atMost('authrep, p50 at 60 % ÷ unloaded', slower.median, MOST_SLOWER),
    ],
    notes: [
      `CPU ratio ${ratio.median.toFixed(2)} (${ratio.least.toFixed(2)}–${ratio.greatest.toFixed(2)}), rounds interleaved. The backend has one core; Redis and the generator share the other.`,
      'An authrep names a service token, a user key and one metric with a limit a minute; it is counted in seven periods of the application and in the totals of the service.',
    ],
    raw: results,
  };
}
