import { UnrecoverableError, Worker } from 'bullmq';
import type { Job } from 'bullmq';
import type { Logger } from '../../shared/log.ts';
import type { EventsConfig, RedisConfig } from '../config.ts';
import type { LabelledTally, Metrics } from '../metrics/metrics.ts';
import { consumerConnection } from './connection.ts';
import type { RedisClient } from './connection.ts';
import type { Traffic } from './contract.ts';
import { postEventsHook } from './events-hook.ts';
import { HOOK, OBSERVE, decodeObserve } from './notifications.ts';
import { MAX_FAILED, NOTIFICATIONS, QUEUE_PREFIX } from './queues.ts';
import { WORKER_TIMINGS } from './report-worker.ts';

/** Jobs in hand at once, and applications looked at at once within one. */
const CONCURRENCY = 4;
const AT_ONCE = 16;
/** How often a job may lose its worker before it is set aside. */
const MAX_LOST_WORKERS = 100;

export interface NotificationWorkerDeps {
  readonly traffic: Traffic;
  /** null: nobody is told. */
  readonly events: EventsConfig | null;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** Works through what follows from usage: alerts, events of first traffic, the webhook. */
export class NotificationWorker {
  readonly #deps: NotificationWorkerDeps;
  readonly #done: LabelledTally;
  readonly #connection: RedisClient;
  readonly #worker: Worker<unknown, void>;

  constructor(config: RedisConfig, deps: NotificationWorkerDeps) {
    this.#deps = deps;
    this.#done = deps.metrics.labelled('tallygate_notifications_total', 'Alerts looked at, webhooks called.', 'result');
    this.#connection = consumerConnection(config);
    this.#connection.on('error', () => undefined);
    this.#worker = new Worker(NOTIFICATIONS, (job: Job<unknown, void>) => this.#work(job), {
      connection: this.#connection,
      prefix: QUEUE_PREFIX,
      concurrency: CONCURRENCY,
      lockDuration: WORKER_TIMINGS.lockMs,
      stalledInterval: WORKER_TIMINGS.stalledCheckMs,
      maxStalledCount: MAX_LOST_WORKERS,
      runRetryDelay: 1_000,
      removeOnFail: { count: MAX_FAILED },
    });
    // The worker of reports tells of an outage; it is on the same Redis.
    this.#worker.on('error', () => undefined);
  }

  async stop(): Promise<void> {
    await this.#worker.close();
    this.#connection.disconnect();
  }

  async #work(job: Job<unknown, void>): Promise<void> {
    try {
      if (job.name === HOOK) await this.#callHook();
      else if (job.name === OBSERVE) await this.#observe(job);
      else throw new UnrecoverableError(`there is no work named ${job.name}`);
      this.#done.add(`${job.name}_done`);
    } catch (error) {
      this.#done.add('failed');
      if (job.attemptsMade === 0)
        this.#deps.log.warn({ job: job.id, name: job.name, err: error }, 'a notification failed');
      throw error;
    }
  }

  async #callHook(): Promise<void> {
    if (this.#deps.events !== null) await postEventsHook(this.#deps.events);
  }

  async #observe(job: Job<unknown, void>): Promise<void> {
    const applications = decodeObserve(job.data);
    if (applications === null) throw new UnrecoverableError('the applications of the job cannot be read');
    for (let first = 0; first < applications.length; first += AT_ONCE) {
      const some = applications.slice(first, first + AT_ONCE);
      await Promise.all(some.map((application) => this.#deps.traffic.observe(application)));
    }
  }
}
