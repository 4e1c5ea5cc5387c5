import { join } from 'node:path';
import { freePorts } from '../machine/ports.ts';
import type { PeerTools } from '../machine/debian.ts';
import type { Candidate, Started } from '../peers/candidate.ts';
import { startUpstream } from '../peers/nginx.ts';
import type { Round } from '../rounds.ts';
import { measure } from '../rounds.ts';

export interface CostOptions {
  readonly tools: PeerTools;
  readonly folder: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
  readonly applications: number;
  readonly rules: number;
  readonly progress: (line: string) => void;
}

/** Rounds of each candidate, by name; the n-th rounds of all ran side by side. */
export type Rounds = ReadonlyMap<string, readonly Round[]>;

/**
 * Every candidate on core 0, the upstream and the generator on core 1; the candidates take turns, so that what the
 * machine does to one it does to all. A round with an error in it is void and run again, three times at most.
 */
export async function compareCost(candidates: readonly Candidate[], options: CostOptions): Promise<Rounds> {
  const { tools, folder, rounds, seconds, connections, progress } = options;
  const [upstreamPort = 0, ...ports] = await freePorts(candidates.length + 1);
  const upstream = await startUpstream(tools, join(folder, 'upstream'), upstreamPort, 1);
  const started: { readonly name: string; readonly candidate: Started }[] = [];
  const results = new Map<string, Round[]>(candidates.map(({ name }) => [name, []]));
  try {
    for (const [index, { name, start }] of candidates.entries()) {
      const stage = { ...options, folder: join(folder, `candidate-${index}`), upstreamPort, port: ports[index] ?? 0, core: 0, otherCore: 1 };
      started.push({ name, candidate: await start(stage) });
    }
    for (const { candidate } of started) await measure(candidate, { tools, upstream, seconds: 1, connections, core: 1 });
    for (let round = 0; round < rounds; round++) {
      for (const { name, candidate } of started) {
        const taken = await valid(() => measure(candidate, { tools, upstream, seconds, connections, core: 1 }), name);
        results.get(name)?.push(taken);
        progress(`round ${round + 1}/${rounds}  ${name}: ${taken.cost.toFixed(1)} µs CPU, ${taken.perSecond.toFixed(0)} requests/s`);
      }
    }
  } finally {
    for (const { candidate } of started) await candidate.stop();
    await upstream.stop();
  }
  return results;
}

async function valid(run: () => Promise<Round>, name: string): Promise<Round> {
  for (let tries = 0; tries < 3; tries++) {
    const round = await run();
    if (round.errors === 0) return round;
  }
  throw new Error(`${name}: three rounds in a row had errors; a round with an error in it is void`);
}
