import type { HealthAnswer } from '../admin/health.ts';
import { AdminServer } from '../admin/server.ts';
import type { Configuration } from '../config/read.ts';
import { redactedConfiguration } from '../config/redact.ts';
import { Reloading } from '../config/reloading.ts';
import type { GatewayDeps, RunningGateway } from '../gateway.ts';
import type { Logger } from '../../shared/log.ts';
import { ThreadPool } from '../reporting/pool.ts';
import { Crew } from './crew.ts';
import { WorkersMetrics } from './metrics.ts';
import { readinessOfAll } from './readiness.ts';
import { SharedThreads } from './shared-threads.ts';
import { WorkerProcess } from './worker-process.ts';

/** Longest wait for a worker to take a new configuration, ms. */
const CONFIGURE_TIMEOUT = 10_000;
/** Longest time that a gateway which could not start takes to end, ms. */
const START_FAILED_STOP = 2_000;

/** Starts a gateway of several processes. `text`: of the configuration file; null: there is none. */
export async function startWorkers(
  configuration: Configuration,
  text: string | null,
  deps: GatewayDeps,
): Promise<RunningGateway> {
  const primary = new Primary(configuration, text, deps);
  await primary.open();
  return primary;
}

/**
 * The process that has the port, the admin port, the reporting threads and the configuration file. Its workers serve;
 * each is a gateway of its own for the backend.
 */
class Primary implements RunningGateway {
  readonly log: Logger;
  readonly shutdownMs: number;
  readonly broken: Promise<Error>;
  ports = { proxy: 0, admin: 0 };
  readonly #deps: GatewayDeps;
  readonly #configuration: Configuration;
  readonly #crew: Crew;
  readonly #threads: SharedThreads;
  readonly #reloading: Reloading;
  readonly #metrics: WorkersMetrics;
  readonly #admin: AdminServer;
  /** Of the configuration file: what a worker starts with. */
  #text: string | null;
  #giveUp: (error: Error) => void = () => undefined;
  #stopping: Promise<void> | null = null;

  constructor(configuration: Configuration, text: string | null, deps: GatewayDeps) {
    const { settings } = configuration;
    const { reporting, backend, journal } = settings;
    this.log = deps.log;
    this.shutdownMs = settings.shutdownSeconds * 1000;
    this.broken = new Promise((resolve) => (this.#giveUp = resolve));
    this.#deps = deps;
    this.#configuration = configuration;
    this.#text = text;
    const thread = { backendUrl: new URL(backend.url).href, timeoutMs: backend.timeoutMs };
    this.#threads = new SharedThreads(new ThreadPool(reporting.threads, thread, deps.log), journal.folder, deps);
    this.#crew = this.#createCrew(settings.workers);
    this.#reloading = new Reloading(configuration, { ...deps, apply: (_next, changed) => this.#configureAll(changed) });
    this.#metrics = this.#createMetrics();
    this.#admin = new AdminServer({
      log: deps.log,
      readiness: () => this.#readiness(),
      scrape: async () => this.#metrics.scrape(await Promise.all(this.#crew.serving.map((worker) => worker.scrape()))),
      configuration: () => redactedConfiguration(this.#reloading.configuration),
    });
  }

  /** A port that cannot be had, or a worker that cannot start, ends everything, so that the process ends as well. */
  async open(): Promise<void> {
    const { adminHost, adminPort, workers } = this.#configuration.settings;
    process.on('exit', this.#killAll);
    try {
      const admin = await this.#admin.listen(adminHost, adminPort);
      this.ports = { proxy: await this.#crew.start(), admin };
      await this.#reloading.watch();
    } catch (error) {
      await this.#close(START_FAILED_STOP);
      throw error;
    }
    const { length: services } = this.#configuration.services;
    this.log.info({ ...this.ports, workers, services }, 'gateway is listening');
  }

  async reload(): Promise<void> {
    for (const worker of this.#crew.serving) worker.send({ kind: 'reopen' });
    await this.#reloading.reload();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#close(this.shutdownMs);
    return this.#stopping;
  }

  async #close(within: number): Promise<void> {
    this.log.info('gateway is stopping');
    await Promise.all([this.#reloading.close(), this.#crew.stop(within)]);
    await this.#threads.close();
    await this.#admin.close();
    process.off('exit', this.#killAll);
    this.log.info('gateway has stopped');
  }

  /** Whatever ends this process before its workers ended, none of them is left behind. */
  readonly #killAll = (): void => this.#crew.killAll();

  #createCrew(workers: number): Crew {
    const { clock, log } = this.#deps;
    return new Crew(workers, {
      clock,
      log,
      fork: (number) => this.#fork(number),
      listening: (worker) => this.#listening(worker),
      left: async (worker) => {
        await this.#metrics.departed(worker.figures);
        await this.#threads.leave(worker.listening?.epoch ?? '');
      },
      giveUp: (error) => this.#giveUp(error),
    });
  }

  #fork(number: number): WorkerProcess {
    const { env, clock, log } = this.#deps;
    const { file, settings } = this.#configuration;
    const { size: threads } = this.#threads;
    // Always the port of the settings, also 0: by it Node knows that a successor wants the socket that the others have.
    const { workers, port } = settings;
    return new WorkerProcess(
      { kind: 'start', number, workers, env, file, text: this.#text, port, threads },
      {
        clock,
        log,
        runTask: (worker, task) => this.#threads.run(worker.listening?.epoch ?? '', task),
      },
    );
  }

  #listening(worker: WorkerProcess): void {
    const epoch = worker.listening?.epoch;
    if (epoch !== undefined) {
      this.#threads.join(epoch, (othersBusy) => worker.send({ kind: 'threads', othersBusy }));
    }
    // The file changed while it started.
    if (this.#text !== null && worker.order.text !== this.#text) void this.#configure(worker, this.#text);
  }

  async #configureAll(text: string): Promise<void> {
    this.#text = text;
    await Promise.all(this.#crew.serving.map((worker) => this.#configure(worker, text)));
  }

  async #configure(worker: WorkerProcess, text: string): Promise<void> {
    const answer = await worker.ask({ kind: 'configure', text }, CONFIGURE_TIMEOUT);
    if ((answer?.kind === 'configure' && answer.applied) || this.#crew.stopping) return;
    this.log.error(
      { code: 'config_worker_failed', worker: worker.number },
      'a worker did not take the new configuration, and is replaced by one that starts with it',
    );
    void worker.stop(this.shutdownMs);
  }

  #createMetrics(): WorkersMetrics {
    const { workers } = this.#configuration.settings;
    return new WorkersMetrics({
      workers: () => {
        const { serving } = this.#crew;
        const silent = serving.filter((worker) => worker.silent).length;
        return [
          ['serving', serving.length],
          ['silent', silent],
          ['absent', workers - serving.length],
        ];
      },
      exits: () => Object.entries(this.#crew.exits),
      reportingThreads: () => this.#threads.size,
      reportingThreadsBusy: () => this.#threads.busy,
      configReloads: () => Object.entries(this.#reloading.counts),
    });
  }

  async #readiness(): Promise<HealthAnswer> {
    const { workers, stopping } = this.#crew;
    const answers = workers.map(async (worker) => {
      const answer = stopping ? null : await worker?.ask({ kind: 'readiness' });
      return answer?.kind === 'readiness' ? answer.health : null;
    });
    return readinessOfAll(await Promise.all(answers));
  }
}
