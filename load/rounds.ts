import type { Started } from './peers/candidate.ts';
import { endedChildrenCpu } from './machine/children-cpu.ts';
import type { PeerTools } from './machine/debian.ts';
import type { Running } from './machine/process.ts';
import { stealTicks } from './machine/steal.ts';
import { wrk } from './machine/wrk.ts';

/** One candidate in one round. */
export interface Round {
  /** CPU microseconds per request. */
  readonly cost: number;
  readonly perSecond: number;
  /** Microseconds. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly errors: number;
  /** Share of the machine's time that the hypervisor took, percent. */
  readonly stolen: number;
  /** CPU microseconds per request of the upstream and of the generator. */
  readonly upstreamCost: number;
  readonly generatorCost: number;
}

export interface RoundOptions {
  readonly tools: PeerTools;
  readonly folder: string;
  readonly upstream: Running;
  readonly seconds: number;
  readonly connections: number;
  /** Core of the generator. */
  readonly core: number | null;
}

/** What a generator says of a round that it drove. */
export interface Driven {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly errors: number;
}

/** Saturates a candidate with wrk for some seconds and takes what it cost. */
export function measure(started: Started, options: RoundOptions): Promise<Round> {
  const { tools, folder, upstream, seconds, connections, core } = options;
  const { port, targets, status } = started;
  return costOf(started, upstream, () => wrk({ tools, folder, port, targets, status, seconds, connections, core }));
}

/** Takes what the candidate, the upstream and the generator cost while `drive` runs a generator to its end. */
export async function costOf(started: Started, upstream: Running, drive: () => Promise<Driven>): Promise<Round> {
  const take = (): Promise<[number, number, number, Awaited<ReturnType<typeof stealTicks>>]> =>
    Promise.all([started.process.cpu(), upstream.cpu(), endedChildrenCpu(), stealTicks()]);
  const [cpu, upstreamCpu, generatorCpu, steal] = await take();
  const { requests, ...seen } = await drive();
  const [cpuAfter, upstreamAfter, generatorAfter, stealAfter] = await take();
  return {
    ...seen,
    cost: (cpuAfter - cpu) / requests,
    upstreamCost: (upstreamAfter - upstreamCpu) / requests,
    generatorCost: (generatorAfter - generatorCpu) / requests,
    stolen: (100 * (stealAfter.stolen - steal.stolen)) / (stealAfter.all - steal.all),
  };
}
