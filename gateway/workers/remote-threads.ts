import type { Threads } from '../reporting/pool.ts';
import type { ThreadAnswer, ThreadTask } from '../reporting/task.ts';
import type { FromWorker } from './messages.ts';

/**
 * The reporting threads of the primary, as a worker sees them. Whether one is free is known as of the last message: two
 * workers that send at the same moment may have to wait for each other's task. A task has no time-out here, since the
 * calls that it makes have theirs, and one that may still run must not be begun again.
 */
export class RemoteThreads implements Threads {
  readonly size: number;
  readonly #send: (message: FromWorker) => void;
  readonly #waiting = new Map<number, (answer: ThreadAnswer | null) => void>();
  #ids = 0;
  /** Nothing is known yet: then none is free. */
  #othersBusy = Number.POSITIVE_INFINITY;

  constructor(size: number, send: (message: FromWorker) => void) {
    this.size = size;
    this.#send = send;
  }

  get busy(): number {
    return this.#waiting.size;
  }

  get free(): boolean {
    return this.#othersBusy + this.#waiting.size < this.size;
  }

  run(task: ThreadTask): Promise<ThreadAnswer | null> {
    return new Promise((resolve) => {
      const id = this.#ids++;
      this.#waiting.set(id, resolve);
      this.#send({ kind: 'task', id, task });
    });
  }

  /** So many are busy with tasks of others. */
  taken(othersBusy: number): void {
    this.#othersBusy = othersBusy;
  }

  done(id: number, answer: ThreadAnswer | null): void {
    this.#waiting.get(id)?.(answer);
    this.#waiting.delete(id);
  }

  /** The primary is gone, and its threads with it. */
  lost(): void {
    this.#othersBusy = Number.POSITIVE_INFINITY;
    for (const id of this.#waiting.keys()) this.done(id, null);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
