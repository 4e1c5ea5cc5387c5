import { join } from 'node:path';
import type { Piscina } from 'piscina';
import { packageRoot } from '../../shared/package-root.ts';
import type { Logger } from '../../shared/log.ts';
import type { ThreadAnswer, ThreadTask } from './task.ts';
import type { ThreadSettings } from './thread-settings.ts';

/** Threads run compiled code: Node 20 loads no TypeScript in a worker. */
const THREAD = join(packageRoot, 'dist', 'gateway', 'reporting', 'thread.js');

/** Reporting threads, in this process or in another of the same gateway. */
export interface Threads {
  /** REPORTING_THREADS. */
  readonly size: number;
  readonly busy: number;
  /** Would a task be begun at once? */
  readonly free: boolean;
  /** Runs it in a free thread; null when the thread died over it: nobody knows how far it came. */
  run(task: ThreadTask): Promise<ThreadAnswer | null>;
  close(): Promise<void>;
}

/** The reporting threads of this process: `size` of them, or none. */
export class ThreadPool implements Threads {
  readonly size: number;
  busy = 0;
  readonly #log: Logger;
  readonly #piscina: Promise<Piscina<ThreadTask, ThreadAnswer>> | null;

  constructor(size: number, settings: ThreadSettings, log: Logger) {
    this.size = size;
    this.#log = log;
    this.#piscina = size === 0 ? null : startThreads(size, settings);
  }

  get free(): boolean {
    return this.busy < this.size;
  }

  async run(task: ThreadTask): Promise<ThreadAnswer | null> {
    if (this.#piscina === null) return null;
    this.busy += 1;
    try {
      return await (await this.#piscina).run(task);
    } catch (error) {
      this.#log.error({ code: 'reporting_thread_failed', error }, 'a reporting thread ended over its task');
      return null;
    } finally {
      this.busy -= 1;
    }
  }

  async close(): Promise<void> {
    await (await this.#piscina)?.destroy();
  }
}

/** Loaded here, so that a gateway without threads has nothing of it in memory. */
async function startThreads(size: number, settings: ThreadSettings): Promise<Piscina<ThreadTask, ThreadAnswer>> {
  const { Piscina } = await import('piscina');
  return new Piscina({
    filename: THREAD,
    name: 'run',
    minThreads: size,
    maxThreads: size,
    concurrentTasksPerWorker: 1,
    // The default freezes the timers of an idle thread, and with them its connections.
    atomics: 'async',
    workerData: settings,
  });
}
