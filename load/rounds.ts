import type { Started } from './peers/candidate.ts';
import type { PeerTools } from './machine/debian.ts';
import type { Running } from './machine/process.ts';
import { stealTicks } from './machine/steal.ts';
import { wrk } from './machine/wrk.ts';

/** One candidate in one round. */
export interface Round {
  /** CPU microseconds per request. */
  readonly cost: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly errors: number;
  /** Share of the machine's time that the hypervisor took, percent. */
  readonly stolen: number;
  /** Upstream's CPU microseconds per request. */
  readonly upstreamCost: number;
}

export interface RoundOptions {
  readonly tools: PeerTools;
  readonly upstream: Running;
  readonly seconds: number;
  readonly connections: number;
  /** Core of the generator. */
  readonly core: number;
}

/** Saturates a candidate for some seconds and takes what it cost. */
export async function measure(
  started: Started,
  { tools, upstream, seconds, connections, core }: RoundOptions,
): Promise<Round> {
  const [cpu, upstreamCpu, steal] = await Promise.all([started.process.cpu(), upstream.cpu(), stealTicks()]);
  const result = await wrk(tools, { url: started.url, seconds, connections, core, script: null });
  const [cpuAfter, upstreamAfter, stealAfter] = await Promise.all([
    started.process.cpu(),
    upstream.cpu(),
    stealTicks(),
  ]);
  return {
    cost: (cpuAfter - cpu) / result.requests,
    perSecond: result.perSecond,
    p50: result.p50,
    p99: result.p99,
    errors: result.errors,
    stolen: (100 * (stealAfter.stolen - steal.stolen)) / (stealAfter.all - steal.all),
    upstreamCost: (upstreamAfter - upstreamCpu) / result.requests,
  };
}
