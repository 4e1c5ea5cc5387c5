import cluster from 'node:cluster';
import type { Worker } from 'node:cluster';
import { join } from 'node:path';
import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import { packageRoot } from '../../shared/package-root.ts';
import type { ThreadAnswer, ThreadTask } from '../reporting/task.ts';
import { isFromWorker } from './messages.ts';
import type { Answer, FromWorker, Question, StartOrder, ToWorker } from './messages.ts';
import type { Figures } from './metrics.ts';

/** Workers run compiled code, as the reporting threads do. */
const WORKER = join(packageRoot, 'dist', 'gateway', 'workers', 'worker.js');

/** Longest wait for a worker to listen, ms. */
const START_TIMEOUT = 60_000;
/** Longest wait for its answer, ms. */
const ANSWER_TIMEOUT = 1_000;
/** It has so much of the time for its stop; then it is killed. */
const STOP_SHARE = 0.97;

export type Start = Extract<FromWorker, { readonly kind: 'listening' | 'failed' }>;

export interface WorkerEnd {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface WorkerProcessDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly runTask: (worker: WorkerProcess, task: ThreadTask) => Promise<ThreadAnswer | null>;
}

/** A worker, as the primary sees it: one process from its fork to its end. */
export class WorkerProcess {
  readonly order: StartOrder;
  readonly ended: Promise<WorkerEnd>;
  /** What became of its start. */
  readonly start: Promise<Start>;
  /** Null: it does not listen yet. */
  listening: Extract<Start, { readonly kind: 'listening' }> | null = null;
  /** Monotonic ms since when it listens. */
  listeningAt = 0;
  /** It did not answer when it was asked last. */
  silent = false;
  /** Its metrics when it was asked last. */
  figures: Figures = [];
  readonly #worker: Worker;
  readonly #deps: WorkerProcessDeps;
  readonly #asked = new Map<number, (answer: Answer | null) => void>();
  #ids = 0;
  #ready = false;
  #begun: (start: Start) => void = () => undefined;

  constructor(order: StartOrder, deps: WorkerProcessDeps) {
    this.order = order;
    this.#deps = deps;
    // Workers accept from one socket themselves: nothing of a connection goes through the primary (docs/performance.md).
    cluster.schedulingPolicy = cluster.SCHED_NONE;
    cluster.setupPrimary({ exec: WORKER, args: [], serialization: 'advanced' });
    this.#worker = cluster.fork();
    this.start = new Promise((resolve) => (this.#begun = resolve));
    this.ended = new Promise((resolve) => {
      this.#worker.once('exit', (code: number | null, signal: string | null) => {
        this.#over(`it ended (${signal ?? `exit code ${code}`}) before it listened`);
        resolve({ code, signal });
      });
    });
    this.#worker.on('error', (error) => deps.log.debug({ error, worker: order.number }, 'a message was not sent'));
    this.#worker.on('message', (message: unknown) => {
      if (isFromWorker(message)) this.#received(message);
    });
    const timer = deps.clock.after(START_TIMEOUT, () => {
      this.#over(`it did not listen within ${START_TIMEOUT / 1000} s`);
      this.kill();
    });
    void this.start.then(() => timer.cancel());
  }

  get number(): number {
    return this.order.number;
  }

  get pid(): number {
    return this.#worker.process.pid ?? 0;
  }

  /** A message to a worker that is gone is dropped. */
  send(message: ToWorker): void {
    if (this.#worker.isConnected()) this.#worker.send(message, () => undefined);
  }

  /** Null: it does not answer in time. */
  async ask(question: Question, timeoutMs: number = ANSWER_TIMEOUT): Promise<Answer | null> {
    if (this.listening === null || !this.#worker.isConnected()) return null;
    const id = this.#ids++;
    const answer = await new Promise<Answer | null>((resolve) => {
      const timer = this.#deps.clock.after(timeoutMs, () => resolve(null));
      this.#asked.set(id, (given) => {
        timer.cancel();
        resolve(given);
      });
      this.send({ kind: 'ask', id, question });
    });
    this.#asked.delete(id);
    this.#tellSilence(answer === null && this.#worker.isConnected());
    return answer;
  }

  /** Asks for its metrics; the ones before when it does not answer. */
  async scrape(): Promise<Figures> {
    const answer = await this.ask({ kind: 'metrics' });
    if (answer?.kind === 'metrics') this.figures = answer.metrics;
    return this.figures;
  }

  /** It stops in good order, or is killed when it takes longer than `within` ms. */
  async stop(within: number): Promise<void> {
    const { clock, log } = this.#deps;
    // One that is not ready for a message has nothing that could be stopped in good order.
    if (this.#ready) this.send({ kind: 'stop', within });
    else this.kill();
    const timer = clock.after(within * STOP_SHARE, () => {
      log.error({ code: 'worker_killed', worker: this.number }, 'a worker did not stop within its time, and is killed');
      this.kill();
    });
    await this.ended;
    timer.cancel();
  }

  kill(): void {
    this.#worker.process.kill('SIGKILL');
  }

  #received(message: FromWorker): void {
    switch (message.kind) {
      case 'ready':
        this.#ready = true;
        return this.send(this.order);
      case 'listening':
        this.listening = message;
        this.listeningAt = this.#deps.clock.monotonic();
        return this.#begun(message);
      case 'failed':
        return this.#begun(message);
      case 'answer':
        return this.#asked.get(message.id)?.(message.answer);
      case 'task':
        void this.#deps.runTask(this, message.task).then((answer) => {
          this.send({ kind: 'done', id: message.id, answer });
        });
    }
  }

  #over(problem: string): void {
    this.#begun({ kind: 'failed', problems: [`worker ${this.number}: ${problem}`], configuration: false });
    for (const answered of this.#asked.values()) answered(null);
  }

  #tellSilence(silent: boolean): void {
    const { log } = this.#deps;
    if (silent === this.silent) return;
    this.silent = silent;
    const where = { worker: this.number, workerPid: this.pid };
    if (silent) log.error({ code: 'worker_silent', ...where }, 'a worker does not answer');
    else log.info({ code: 'worker_answers', ...where }, 'a worker answers again');
  }
}
