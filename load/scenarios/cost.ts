import type { Candidate } from '../peers/candidate.ts';
import type { Round } from '../rounds.ts';
import { measure } from '../rounds.ts';
import { OTHER_CORE, withStage } from '../stage.ts';
import type { ScenarioOptions } from '../stage.ts';

/** Rounds of each candidate, by name; the n-th rounds of all ran side by side. */
export type Rounds = ReadonlyMap<string, readonly Round[]>;

/**
 * The candidates take turns, so that what the machine does to one it does to all. A round with an error in it is void
 * and run again, three times at most.
 */
export function compareCost(candidates: readonly Candidate[], options: ScenarioOptions): Promise<Rounds> {
  const { tools, rounds, seconds, connections, progress } = options;
  return withStage(
    () => candidates,
    options,
    async (started, upstream) => {
      const settings = { tools, upstream, connections, core: OTHER_CORE };
      const results = new Map<string, Round[]>(started.map(({ name }) => [name, []]));
      for (const { candidate } of started) await measure(candidate, { ...settings, seconds: 1 });
      for (let round = 0; round < rounds; round++) {
        for (const { name, candidate } of started) {
          const taken = await valid(() => measure(candidate, { ...settings, seconds }), name);
          results.get(name)?.push(taken);
          progress(
            `round ${round + 1}/${rounds}  ${name}: ${taken.cost.toFixed(1)} µs CPU, ${taken.perSecond.toFixed(0)} requests/s`,
          );
        }
      }
      return results;
    },
  );
}

async function valid(run: () => Promise<Round>, name: string): Promise<Round> {
  for (let tries = 0; tries < 3; tries++) {
    const round = await run();
    if (round.errors === 0) return round;
  }
  throw new Error(`${name}: three rounds in a row had errors; a round with an error in it is void`);
}
