import { MUTATIONS } from './options.ts';
import type { Mutation } from './options.ts';
import { runTasks } from './threads.ts';

/** Rounds without each of the rules: in how many did what must break break? A rule without which nothing breaks fails. */
export async function printWithout(
  rules: readonly Mutation[],
  rounds: number,
  firstSeed: number,
): Promise<{ readonly passed: number; readonly failed: number }> {
  const seeds = Array.from({ length: rounds }, (_, index) => firstSeed + index);
  const tasks = rules.flatMap((rule) => seeds.map((seed) => ({ kind: 'without', rule, seed }) as const));
  const broken = new Map<Mutation, number[]>(rules.map((rule) => [rule, []]));
  let number = 0;
  for await (const result of runTasks(tasks)) {
    const task = tasks[number];
    number += 1;
    if (task !== undefined && result.kind === 'without' && result.broke) broken.get(task.rule)?.push(task.seed);
  }
  for (const [rule, found] of broken) {
    const first = found[0] === undefined ? '' : `, the first is seed ${found[0]}`;
    process.stdout.write(
      `without ${rule.padEnd(26)}${MUTATIONS[rule].padEnd(10)}in ${found.length} of ${rounds} rounds${first}\n`,
    );
  }
  const failed = [...broken.values()].filter((found) => found.length === 0).length;
  return { passed: rules.length - failed, failed };
}
