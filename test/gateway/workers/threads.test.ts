import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lockPath, sendingPath } from '../../../gateway/journal/layout.ts';
import { probeLock, takeLock } from '../../../gateway/journal/lock.ts';
import type { Threads } from '../../../gateway/reporting/pool.ts';
import type { ThreadAnswer, ThreadTask } from '../../../gateway/reporting/task.ts';
import type { FromWorker } from '../../../gateway/workers/messages.ts';
import { RemoteThreads } from '../../../gateway/workers/remote-threads.ts';
import { SharedThreads } from '../../../gateway/workers/shared-threads.ts';
import { systemClock } from '../../../shared/clock.ts';
import { createLogger } from '../../../shared/log.ts';
import { temporaryFolder } from '../../harness/folder.ts';
import { until } from '../../harness/latch.ts';
import { track } from '../../harness/resources.ts';

const A = 'a'.repeat(32);
const B = 'b'.repeat(32);
const TASK: ThreadTask = { kind: 'authreps', group: [] };
const ANSWER: ThreadAnswer = { result: null, verdicts: [], calls: [] };

/** Threads whose tasks end when the test says so. */
class HeldThreads implements Threads {
  readonly size = 2;
  readonly held: ((answer: ThreadAnswer | null) => void)[] = [];

  get busy(): number {
    return this.held.length;
  }

  get free(): boolean {
    return this.busy < this.size;
  }

  run(): Promise<ThreadAnswer | null> {
    return new Promise((resolve) => {
      const end = (answer: ThreadAnswer | null): void => {
        this.held.splice(this.held.indexOf(end), 1);
        resolve(answer);
      };
      this.held.push(end);
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

async function shared(): Promise<{ directory: string; held: HeldThreads; threads: SharedThreads }> {
  const directory = join(await temporaryFolder(), 'j');
  const held = new HeldThreads();
  await mkdir(directory);
  const log = createLogger('test', 'silent');
  return { directory, held, threads: new SharedThreads(held, directory, { clock: systemClock, log }) };
}

async function living(directory: string, epoch: string): Promise<void> {
  const lock = await takeLock(lockPath(directory, epoch));
  track({ stop: async () => void lock.close(), abandon: () => undefined });
}

it('each worker is told how many threads are busy for the others', async () => {
  const { directory, held, threads } = await shared();
  const told: Record<string, number[]> = { a: [], b: [] };
  await living(directory, A);
  await living(directory, B);
  threads.join(A, (busy) => told['a']?.push(busy));
  threads.join(B, (busy) => told['b']?.push(busy));
  await until(() => told['a']?.at(-1) === 0 && told['b']?.at(-1) === 0, 'both may use them');
  const answer = threads.run(A, TASK);
  await until(() => told['b']?.at(-1) === 1, 'b knows of the task of a');
  expect(told['a']).toEqual([0]);
  held.held[0]?.(ANSWER);
  expect(await answer).toBe(ANSWER);
  expect(told['b']).toEqual([0, 1, 0]);
  await Promise.all([threads.leave(A), threads.leave(B)]);
});

it('a worker that ended is left, and its journal free, only when no thread sends for it any more', async () => {
  const { directory, held, threads } = await shared();
  await living(directory, A);
  threads.join(A, () => undefined);
  void threads.run(A, TASK);
  await until(() => held.busy === 1, 'the task runs');
  let left = false;
  const leaving = threads.leave(A).then(() => (left = true));
  expect(await probeLock(sendingPath(directory, A), systemClock)).toBe('held');
  expect(left).toBe(false);
  held.held[0]?.(ANSWER);
  await leaving;
  expect(await probeLock(sendingPath(directory, A), systemClock)).toBe('free');
});

it('nothing is sent for a worker that is dead already', async () => {
  const { directory, held, threads } = await shared();
  threads.join(A, () => undefined);
  expect(await threads.run(A, TASK)).toBeNull();
  expect(held.busy).toBe(0);
  expect(await probeLock(sendingPath(directory, A), systemClock)).toBe('free');
});

it('nothing is sent for a worker that was left', async () => {
  const { directory, held, threads } = await shared();
  await living(directory, A);
  threads.join(A, () => undefined);
  await threads.leave(A);
  expect(await threads.run(A, TASK)).toBeNull();
  expect(held.busy).toBe(0);
});

it('a worker uses no thread before it was told that there is one', async () => {
  const sent: FromWorker[] = [];
  const threads = new RemoteThreads(2, (message) => void sent.push(message));
  expect(threads.free).toBe(false);
  threads.taken(1);
  expect(threads.free).toBe(true);
  const answer = threads.run(TASK);
  expect(threads.free).toBe(false);
  expect(sent).toEqual([{ kind: 'task', id: 0, task: TASK }]);
  threads.done(0, ANSWER);
  expect(await answer).toBe(ANSWER);
  expect(threads.free).toBe(true);
});

it('without the primary there are no threads, and who waits for one is told', async () => {
  const threads = new RemoteThreads(1, () => undefined);
  threads.taken(0);
  const answer = threads.run(TASK);
  threads.lost();
  expect(await answer).toBeNull();
  expect(threads.free).toBe(false);
});
