import type { Candidate } from '../peers/candidate.ts';
import { toolsOf } from '../peers/candidate.ts';
import type { Round } from '../rounds.ts';
import { measure } from '../rounds.ts';
import { withStage } from '../stage.ts';
import type { ScenarioOptions } from '../stage.ts';
import { pairedRatio, spread } from '../statistics.ts';
import type { Spread } from '../statistics.ts';
import { withSpread } from '../table.ts';

/** Rounds of each candidate, by name; the n-th rounds of all ran side by side. */
export class Rounds {
  private readonly byName = new Map<string, Round[]>();

  add(name: string, round: Round): void {
    const rounds = this.byName.get(name);
    if (rounds === undefined) this.byName.set(name, [round]);
    else rounds.push(round);
  }

  of(name: string, figure: keyof Round): number[] {
    return (this.byName.get(name) ?? []).map((round) => round[figure]);
  }

  spread(name: string, figure: keyof Round): Spread {
    return spread(this.of(name, figure));
  }

  /** `ours` ÷ `theirs`, round by round. */
  ratio(ours: string, theirs: string, figure: keyof Round): Spread {
    return pairedRatio(this.of(ours, figure), this.of(theirs, figure));
  }

  /** What else took the machine's time, for the last columns of a table. */
  surroundings(name: string): string[] {
    const figures = ['generatorCost', 'upstreamCost', 'stolen'] as const;
    return figures.map((figure) => this.spread(name, figure).median.toFixed(1));
  }

  /** Median with spread, of a figure that is its own unit. */
  shown(name: string, figure: keyof Round, digits: number): string {
    return withSpread(this.spread(name, figure), digits);
  }

  toJSON(): unknown {
    return Object.fromEntries(this.byName);
  }
}

/** Headings of `surroundings`. */
export const SURROUNDINGS = ['generator CPU µs', 'upstream CPU µs', 'stolen %'] as const;

/**
 * The candidates take turns, so that what the machine does to one it does to all. A round with an error in it is void
 * and run again, three times at most.
 */
export function compareCost(candidates: readonly Candidate[], options: ScenarioOptions): Promise<Rounds> {
  const { folder, rounds, seconds, connections, progress } = options;
  return withStage(
    () => candidates,
    options,
    async (started, upstream) => {
      const settings = { tools: toolsOf(options), folder, upstream, connections, core: options.cores.other };
      const results = new Rounds();
      for (const { candidate, warmUpSeconds } of started) {
        await measure(candidate, { ...settings, seconds: warmUpSeconds });
      }
      for (let round = 0; round < rounds; round++) {
        for (const { name, candidate } of started) {
          const taken = await valid(() => measure(candidate, { ...settings, seconds }), name);
          results.add(name, taken);
          progress(
            `round ${round + 1}/${rounds}  ${name}: ${taken.cost.toFixed(1)} µs CPU, ${taken.perSecond.toFixed(0)} requests/s`,
          );
        }
      }
      return results;
    },
  );
}

/** @throws Error after three rounds in a row that had errors. */
export async function valid(run: () => Promise<Round>, name: string): Promise<Round> {
  let errors = 0;
  for (let tries = 0; tries < 3; tries++) {
    const round = await run();
    if (round.errors === 0) return round;
    errors = round.errors;
  }
  throw new Error(`${name}: three rounds in a row had errors (${errors} in the last); such a round is void`);
}
