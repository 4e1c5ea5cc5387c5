import type { PrivateRedis } from '../../../test/harness/redis.ts';
import { generate } from '../../machine/generator.ts';
import type { Generated } from '../../machine/generator.ts';
import { redisCpu } from '../../machine/redis.ts';
import { wrk } from '../../machine/wrk.ts';
import { toolsOf } from '../../peers/candidate.ts';
import type { Started } from '../../peers/candidate.ts';
import type { ScenarioOptions } from '../../stage.ts';

/** One saturated round: CPU microseconds per request. */
export interface Saturated {
  readonly cost: number;
  readonly redisCost: number;
  readonly perSecond: number;
}

/** Saturates a candidate for some seconds. A round with an error in it is void and run again, three times at most. */
export async function saturate(
  started: Started,
  redis: PrivateRedis,
  options: ScenarioOptions,
  seconds: number,
): Promise<Saturated> {
  const { connections, folder, cores } = options;
  const { port, targets, status } = started;
  for (let tries = 0; tries < 3; tries++) {
    const [cpu, redisBefore] = await Promise.all([started.process.cpu(), redisCpu(redis)]);
    const core = cores.other;
    const result = await wrk({ tools: toolsOf(options), folder, port, targets, status, seconds, connections, core });
    const [cpuAfter, redisAfter] = await Promise.all([started.process.cpu(), redisCpu(redis)]);
    if (result.errors > 0) continue;
    return {
      cost: (cpuAfter - cpu) / result.requests,
      redisCost: (redisAfter - redisBefore) / result.requests,
      perSecond: result.perSecond,
    };
  }
  throw new Error(`port ${port}: three rounds in a row had errors; a round with an error in it is void`);
}

/**
 * One round at a fixed rate, open loop. The generator gives way to Redis, which has the same core: it waits for its next
 * moment in a loop, and would hold Redis up.
 */
export async function atRate(
  { port, targets, status }: Started,
  { connections, cores }: ScenarioOptions,
  rate: number,
  seconds: number,
): Promise<Generated | null> {
  const result = await generate({
    leadIn: 0.5,
    port,
    targets,
    status,
    rate,
    seconds,
    connections,
    core: cores.other,
    givesWay: true,
  });
  return result.errors > 0 ? null : result;
}
