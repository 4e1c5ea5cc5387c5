import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import type { Task, TaskResult } from './tasks.ts';

/** Beside this file, compiled like it. */
const WORKER = new URL('worker.js', import.meta.url).href;

/** Runs the tasks on all cores. The results come in the order of the tasks, whichever thread had them and however many there are. */
export async function* runTasks(tasks: readonly Task[], threads = availableParallelism()): AsyncGenerator<TaskResult> {
  const size = Math.min(threads, tasks.length);
  const pool = new Piscina<Task, TaskResult>({
    filename: WORKER,
    minThreads: size,
    maxThreads: size,
    concurrentTasksPerWorker: 1,
    // Worlds are made of short-lived things.
    resourceLimits: { maxYoungGenerationSizeMb: 64 },
  });
  try {
    const results = tasks.map((task) => pool.run(task));
    // Whoever iterates meets a failure when its turn comes.
    for (const result of results) result.catch(() => undefined);
    for (const result of results) yield await result;
  } finally {
    await pool.destroy();
  }
}
