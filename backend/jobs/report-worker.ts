import { UnrecoverableError, Worker } from 'bullmq';
import type { Job } from 'bullmq';
import type { Logger } from '../../shared/log.ts';
import type { RedisConfig } from '../config.ts';
import type { LabelledTally, Metrics } from '../metrics/metrics.ts';
import { applyReport } from './apply-report.ts';
import type { ApplyDeps } from './apply-report.ts';
import { consumerConnection } from './connection.ts';
import type { RedisClient } from './connection.ts';
import type { Activity } from './contract.ts';
import { MAX_FAILED, QUEUE_PREFIX, REPORTS, outageBackoff } from './queues.ts';
import { MalformedReport, decodeReport } from './report-job.ts';
import { WeightLimit } from './weight-limit.ts';

/** Reports that one worker has in hand at once. */
const CONCURRENCY = 16;
/** Entries that one worker applies at once: more would only wait in Redis for each other, and others with them. */
export const ENTRIES_AT_ONCE = 2_000;
/** The same where clients wait for answers from the same process and Redis. */
export const ENTRIES_BESIDE_CLIENTS = 250;
/** How often a job may lose its worker before it is set aside: often enough that kills of workers never do that. */
const MAX_LOST_WORKERS = 1_000;
/** Pause before the next try when Redis fails while a job is fetched, ms. */
const FETCH_RETRY_DELAY = 1_000;

/** How soon a job of a dead worker goes back to the queue: after `lockMs`, seen at the next look every `stalledCheckMs`. */
export interface WorkerTimings {
  readonly lockMs: number;
  readonly stalledCheckMs: number;
}

export const WORKER_TIMINGS: WorkerTimings = { lockMs: 10_000, stalledCheckMs: 5_000 };

export interface ReportWorkerDeps extends ApplyDeps {
  readonly activity: Activity;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly timings?: WorkerTimings;
  /** Default ENTRIES_AT_ONCE. */
  readonly entriesAtOnce?: number;
  /** Runs before a report's job is completed. Test control only: then what follows from a report is in its queue. */
  readonly beforeCompletion?: () => Promise<void>;
}

/** Works through the queue of reports. A job is completed when its report is applied durably, so it may run twice; it counts once. */
export class ReportWorker {
  readonly #deps: ReportWorkerDeps;
  readonly #applied: LabelledTally;
  readonly #limit: WeightLimit;
  readonly #connection: RedisClient;
  readonly #worker: Worker<unknown, object>;
  #failing = false;

  constructor(config: RedisConfig, deps: ReportWorkerDeps) {
    const { lockMs, stalledCheckMs } = deps.timings ?? WORKER_TIMINGS;
    this.#deps = deps;
    this.#limit = new WeightLimit(deps.entriesAtOnce ?? ENTRIES_AT_ONCE);
    this.#applied = deps.metrics.labelled('tallygate_reports_applied_total', 'Reports worked through.', 'result');
    this.#connection = consumerConnection(config);
    this.#connection.on('error', (error: Error) => this.#trouble(error));
    this.#connection.on('ready', () => this.#recovered());
    this.#worker = new Worker(REPORTS, (job: Job<unknown, object>) => this.#work(job), {
      connection: this.#connection,
      prefix: QUEUE_PREFIX,
      concurrency: CONCURRENCY,
      lockDuration: lockMs,
      stalledInterval: stalledCheckMs,
      maxStalledCount: MAX_LOST_WORKERS,
      runRetryDelay: FETCH_RETRY_DELAY,
      removeOnFail: { count: MAX_FAILED },
      settings: { backoffStrategy: outageBackoff },
    });
    this.#worker.on('error', (error) => this.#trouble(error));
    this.#worker.on('stalled', (id) => this.#deps.log.warn({ job: id }, 'a report lost its worker and is tried again'));
  }

  /** Finishes what is in hand and fetches nothing more. */
  async stop(): Promise<void> {
    await this.#worker.close();
    this.#connection.disconnect();
  }

  async #work(job: Job<unknown, object>): Promise<object> {
    try {
      const { identity, entries } = decodeReport(job.data);
      const { result } = await this.#limit.run(entries.length, () => applyReport(this.#deps, identity, entries));
      if (result === 'conflict') throw new MalformedReport('another content was applied under this identity');
      this.#applied.add(result);
      this.#recovered();
      for (const entry of entries) this.#deps.activity.touched(entry);
      await this.#deps.beforeCompletion?.();
      return { epoch: identity.epoch, sequence: identity.sequence };
    } catch (error) {
      if (error instanceof MalformedReport || error instanceof RangeError) throw this.#setAside(job, error);
      this.#applied.add('retry');
      this.#trouble(error);
      throw error;
    }
  }

  #setAside(job: Job<unknown, object>, error: Error): Error {
    this.#applied.add('set_aside');
    this.#deps.log.error({ job: job.id, err: error }, 'a report was set aside: it can never be applied');
    return new UnrecoverableError(error.message);
  }

  /** Told once per outage. */
  #trouble(error: unknown): void {
    if (this.#failing) return;
    this.#failing = true;
    this.#deps.log.error({ err: error }, 'the worker cannot apply reports; they wait');
  }

  #recovered(): void {
    if (!this.#failing) return;
    this.#failing = false;
    this.#deps.log.info('the worker applies reports again');
  }
}
