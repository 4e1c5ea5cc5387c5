import cluster from 'node:cluster';
import type { Worker } from 'node:cluster';
import { systemClock } from '../../shared/clock.ts';
import { ConfigurationError } from '../../shared/env.ts';
import { createLogger } from '../../shared/log.ts';
import type { Logger } from '../../shared/log.ts';
import { stopOnSignals } from '../../shared/process-edge.ts';
import { configurationOf } from '../config/read.ts';
import { startDataPlane } from '../data-plane.ts';
import type { DataPlane } from '../data-plane.ts';
import { isToWorker } from './messages.ts';
import type { Answer, FromWorker, Question, StartOrder, ToWorker } from './messages.ts';
import { RemoteThreads } from './remote-threads.ts';

/** Longest time that a worker which could not start takes to end, ms. */
const START_FAILED_STOP = 1_000;

interface Serving {
  readonly plane: DataPlane;
  readonly threads: RemoteThreads;
  readonly log: Logger;
  readonly shutdownMs: number;
}

/** A worker of a gateway with several processes: it serves, and does what the primary says. */
class ServingWorker {
  readonly #channel: Worker;
  #serving: Serving | null = null;

  constructor(channel: Worker) {
    this.#channel = channel;
  }

  /** Waits for what the primary says. */
  attach(): void {
    this.#channel.on('message', (message: unknown) => {
      if (isToWorker(message)) void this.#receive(message);
    });
    this.#channel.on('disconnect', () => this.#orphaned());
    this.#send({ kind: 'ready' });
  }

  async #receive(message: ToWorker): Promise<void> {
    const serving = this.#serving;
    if (message.kind === 'start') return this.#start(message);
    if (message.kind === 'stop') return this.#stop(message.within, 0);
    if (serving === null) return;
    switch (message.kind) {
      case 'ask':
        return this.#send({ kind: 'answer', id: message.id, answer: await answerOf(serving.plane, message.question) });
      case 'done':
        return serving.threads.done(message.id, message.answer);
      case 'threads':
        return serving.threads.taken(message.othersBusy);
      case 'adopt':
        return serving.plane.authorization.adopt();
      case 'reopen':
        return serving.plane.reopenLog();
    }
  }

  async #start(order: StartOrder): Promise<void> {
    try {
      const configuration = configurationOf(order.env, order.file, order.text);
      const { settings } = configuration;
      const log = createLogger('gateway', settings.logLevel).child({ worker: order.number });
      const threads = new RemoteThreads(order.threads, (message) => this.#send(message));
      const deps = { env: order.env, clock: systemClock, log, workers: order.workers, threads };
      const plane = await startDataPlane(configuration, deps);
      const shutdownMs = settings.shutdownSeconds * 1000;
      this.#serving = { plane, threads, log, shutdownMs };
      const port = await plane.listen(settings.host, order.port);
      // A hang-up is for the primary, whom it reaches as well.
      stopOnSignals({ log, shutdownMs, stop: () => plane.stop(shutdownMs) }, () => undefined);
      this.#send({ kind: 'listening', port, epoch: plane.authorization.journal.epoch });
    } catch (error) {
      await this.#fail(error);
    }
  }

  async #fail(error: unknown): Promise<void> {
    await this.#serving?.plane.stop(START_FAILED_STOP);
    const configuration = error instanceof ConfigurationError;
    const problems = configuration ? error.problems : [error instanceof Error ? error.message : String(error)];
    this.#channel.send({ kind: 'failed', problems, configuration } satisfies FromWorker, () => process.exit(1));
  }

  async #stop(within: number, code: number): Promise<void> {
    await this.#serving?.plane.stop(within);
    process.exit(code);
  }

  /** The primary is gone, and the port and its threads with it: requests under way are answered, then this is over. */
  #orphaned(): void {
    const serving = this.#serving;
    if (serving === null) return;
    // Else Node ends the process at once.
    this.#channel.exitedAfterDisconnect = true;
    serving.threads.lost();
    serving.log.fatal({ code: 'primary_gone' }, 'the primary process is gone; this worker stops');
    void this.#stop(serving.shutdownMs, 1);
  }

  /** To a primary that is gone nothing is sent. */
  #send(message: FromWorker): void {
    if (this.#channel.isConnected()) this.#channel.send(message, () => undefined);
  }
}

async function answerOf(plane: DataPlane, question: Question): Promise<Answer> {
  switch (question.kind) {
    case 'metrics':
      return { kind: 'metrics', metrics: await plane.metrics.registry.getMetricsAsJSON() };
    case 'readiness':
      return { kind: 'readiness', health: plane.readiness() };
    case 'configure':
      return { kind: 'configure', applied: await plane.live.take(question.text) };
  }
}

if (cluster.worker === undefined) throw new Error('a worker is started by `tallygate gateway` with WORKERS only');
new ServingWorker(cluster.worker).attach();
