import type { Server } from 'node:net';
import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import { lockPath, sendingPath } from '../journal/layout.ts';
import { probeLock, takeLock } from '../journal/lock.ts';
import type { Threads } from '../reporting/pool.ts';
import type { ThreadAnswer, ThreadTask } from '../reporting/task.ts';

export interface SharedThreadsDeps {
  readonly clock: Clock;
  readonly log: Logger;
}

/** A worker that uses the threads. */
interface Member {
  readonly tell: (othersBusy: number) => void;
  /** Null: nothing may be sent for it. */
  readonly lock: Promise<Server | null>;
  running: number;
  told: number;
  gone: boolean;
  idle: (() => void) | null;
}

/**
 * The reporting threads, in the primary. They read the journals of the workers, and outlive them: so while a thread may
 * send for a worker a lock says so, and a worker's journal is adopted only when both locks are free. Without it two
 * could report the same segment to a backend that knows no repeats.
 */
export class SharedThreads {
  readonly #threads: Threads;
  readonly #directory: string;
  readonly #deps: SharedThreadsDeps;
  readonly #members = new Map<string, Member>();

  /** `directory`: JOURNAL_DIR. */
  constructor(threads: Threads, directory: string, deps: SharedThreadsDeps) {
    this.#threads = threads;
    this.#directory = directory;
    this.#deps = deps;
  }

  get size(): number {
    return this.#threads.size;
  }

  get busy(): number {
    return Math.min(this.#threads.busy, this.#threads.size);
  }

  /** A worker with this epoch began. `tell`: lets it know how many threads are busy for others. */
  join(epoch: string, tell: (othersBusy: number) => void): void {
    if (this.#threads.size === 0) return;
    const lock = this.#lockFor(epoch);
    this.#members.set(epoch, { tell, lock, running: 0, told: -1, gone: false, idle: null });
    void lock.then((taken) => {
      if (taken !== null) this.#tellAll();
    });
  }

  /** Runs a task of a worker; null when it may not be run, or its thread died over it. */
  async run(epoch: string, task: ThreadTask): Promise<ThreadAnswer | null> {
    const member = this.#members.get(epoch);
    if (member === undefined || (await member.lock) === null || member.gone) return null;
    member.running += 1;
    const running = this.#threads.run(task);
    this.#tellAll();
    const answer = await running;
    member.running -= 1;
    if (member.running === 0) member.idle?.();
    this.#tellAll();
    return answer;
  }

  /** The worker ended. Resolves when nothing is sent for it any more, so that its journal can be adopted. */
  async leave(epoch: string): Promise<void> {
    const member = this.#members.get(epoch);
    if (member === undefined) return;
    this.#members.delete(epoch);
    member.gone = true;
    const lock = await member.lock;
    if (member.running > 0) await new Promise<void>((resolve) => (member.idle = resolve));
    if (lock !== null) await new Promise<void>((resolve) => lock.close(() => resolve()));
  }

  close(): Promise<void> {
    return this.#threads.close();
  }

  /** Ours first, then a look at the worker's own: an adopter looks at the worker's first, so one of us sees the other. */
  async #lockFor(epoch: string): Promise<Server | null> {
    try {
      const lock = await takeLock(sendingPath(this.#directory, epoch));
      if ((await probeLock(lockPath(this.#directory, epoch), this.#deps.clock)) === 'held') return lock;
      lock.close();
      return null;
    } catch (error) {
      this.#deps.log.error(
        { code: 'reporting_threads_unused', epoch, error },
        'the lock for sending could not be taken: this worker delivers in its own event loop',
      );
      return null;
    }
  }

  #tellAll(): void {
    const busy = this.#threads.busy;
    for (const member of this.#members.values()) {
      const othersBusy = busy - member.running;
      if (othersBusy === member.told) continue;
      member.told = othersBusy;
      member.tell(othersBusy);
    }
  }
}
