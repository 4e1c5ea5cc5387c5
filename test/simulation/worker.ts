import { runRound } from './round.ts';
import { callersRow, steadyRow } from './steady.ts';
import { summaryOf } from './summary.ts';
import type { Task, TaskResult } from './tasks.ts';
import { breaksIn } from './without.ts';

// Outages are many and expected here: what they cost is their stacks.
Error.stackTraceLimit = 2;

/** What a thread of the simulation does. */
export default async function work(task: Task): Promise<TaskResult> {
  switch (task.kind) {
    case 'round':
      return { kind: 'round', summary: summaryOf(await runRound(task.options)) };
    case 'without':
      return { kind: 'without', broke: await breaksIn(task.rule, task.seed) };
    case 'steady':
      return { kind: 'steady', row: await steadyRow(task) };
    case 'callers':
      return { kind: 'callers', row: await callersRow(task) };
  }
}
