import type { Clock, Timer } from '../../shared/clock.ts';
import { ConfigurationError } from '../../shared/env.ts';
import type { Logger } from '../../shared/log.ts';
import { Restarts } from './restarts.ts';
import type { Start, WorkerEnd, WorkerProcess } from './worker-process.ts';

export interface CrewDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly fork: (number: number) => WorkerProcess;
  /** It listens: what it was not told at its fork. */
  readonly listening: (worker: WorkerProcess) => void;
  /** It ended. Resolves when its journal may be adopted. */
  readonly left: (worker: WorkerProcess) => Promise<void>;
  /** A worker ended too often: the gateway cannot go on. */
  readonly giveUp: (error: Error) => void;
}

/** The place of one worker, and of its successors. */
interface Place {
  readonly number: number;
  readonly restarts: Restarts;
  worker: WorkerProcess | null;
  timer: Timer | null;
}

/** Keeps a number of workers running: one that ends is said, its journal is adopted, and a successor started. */
export class Crew {
  readonly exits = { killed: 0, exited: 0 };
  readonly #deps: CrewDeps;
  readonly #places: readonly Place[];
  #stopping = false;
  /** The first worker listens; until then a failure is that of the start. */
  #opened = false;

  constructor(workers: number, deps: CrewDeps) {
    this.#deps = deps;
    this.#places = Array.from({ length: workers }, (_, index) => ({
      number: index + 1,
      restarts: new Restarts(),
      worker: null,
      timer: null,
    }));
  }

  get stopping(): boolean {
    return this.#stopping;
  }

  /** By their place; null: none runs there. */
  get workers(): readonly (WorkerProcess | null)[] {
    return this.#places.map(({ worker }) => worker);
  }

  get running(): readonly WorkerProcess[] {
    return this.workers.filter((worker) => worker !== null);
  }

  get serving(): readonly WorkerProcess[] {
    return this.running.filter(({ listening }) => listening !== null);
  }

  /**
   * Starts the first, which finds out whether the port and the journal can be had, then the others. Resolves to the port
   * when the first listens; rejects when it cannot.
   */
  async start(): Promise<number> {
    const [first, ...others] = this.#places;
    if (first === undefined) throw new RangeError('a gateway has at least one worker');
    const start = await this.#fork(first).start;
    if (start.kind === 'failed') throw failure(start);
    this.#opened = true;
    for (const place of others) this.#fork(place);
    return start.port;
  }

  /** Stops all of them, within `within` ms. */
  async stop(within: number): Promise<void> {
    this.#stopping = true;
    for (const { timer } of this.#places) timer?.cancel();
    await Promise.all(this.running.map((worker) => worker.stop(within)));
  }

  killAll(): void {
    for (const worker of this.running) worker.kill();
  }

  #fork(place: Place): WorkerProcess {
    const worker = this.#deps.fork(place.number);
    place.worker = worker;
    void worker.start.then((start) => this.#started(worker, start));
    void worker.ended.then((end) => this.#ended(place, worker, end));
    return worker;
  }

  #started(worker: WorkerProcess, start: Start): void {
    const { number, pid } = worker;
    if (start.kind === 'listening') {
      this.#deps.log.info({ code: 'worker_started', worker: number, workerPid: pid }, 'a worker listens');
      this.#deps.listening(worker);
    } else if (this.#opened && !this.#stopping) {
      const { problems } = start;
      this.#deps.log.error({ code: 'worker_not_started', worker: number, problems }, 'a worker could not start');
    }
  }

  async #ended(place: Place, worker: WorkerProcess, { code, signal }: WorkerEnd): Promise<void> {
    const { clock, log, left } = this.#deps;
    const served = worker.listening === null ? 0 : clock.monotonic() - worker.listeningAt;
    place.worker = null;
    if (this.#stopping || !this.#opened) {
      await left(worker);
      return;
    }
    this.exits[signal === null ? 'exited' : 'killed'] += 1;
    const pause = place.restarts.ended(served);
    const { number, pid } = worker;
    const line = { code: 'worker_ended', worker: number, workerPid: pid, exitCode: code, signal, restartMs: pause };
    log.error(line, 'a worker ended; its journal is adopted');
    await left(worker);
    for (const other of this.serving) other.send({ kind: 'adopt' });
    if (this.#stopping) return;
    if (pause !== null) place.timer = clock.after(pause, () => void this.#fork(place));
    else this.#deps.giveUp(new Error(`worker ${number} ended again and again, and is not started any more`));
  }
}

function failure({ problems, configuration }: Extract<Start, { readonly kind: 'failed' }>): Error {
  return configuration ? new ConfigurationError(problems) : new Error(problems.join('\n'));
}
