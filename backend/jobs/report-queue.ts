import { QueueEvents } from 'bullmq';
import type { Clock, Timer } from '../../shared/clock.ts';
import { Fault, backendErrors } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import type { RedisConfig } from '../config.ts';
import type { LabelledTally, Metrics, Tally } from '../metrics/metrics.ts';
import type { BatchEntry } from '../store/store.ts';
import { consumerConnection } from './connection.ts';
import type { RedisClient } from './connection.ts';
import type { Reports } from './contract.ts';
import { AddFailed, Producer } from './producer.ts';
import type { QueueDepth } from './producer.ts';
import { QUEUE_PREFIX, REPORTS, REPORT_OPTIONS } from './queues.ts';
import { encodeReport } from './report-job.ts';
import { ReportSequence } from './report-sequence.ts';

/** Reports that may wait; more are refused with 503, so that a backlog cannot fill Redis. */
const MAX_WAITING = 1_000_000;
/** Between two looks at how many wait, ms. */
const DEPTH_INTERVAL = 1_000;

export interface ReportQueueDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/**
 * Takes reports over into a BullMQ queue: one durable add each. A report whose add may or may not have happened is
 * answered as an outage; its identity stays open, so that it counts at most once.
 */
export class ReportQueue implements Reports {
  readonly #deps: ReportQueueDeps;
  readonly #producer: Producer;
  readonly #sequence = new ReportSequence();
  readonly #accepted: Tally;
  readonly #refused: LabelledTally;
  readonly #eventsConnection: RedisClient;
  readonly #events: QueueEvents;
  readonly #timer: Timer;
  #waiting = 0;

  constructor(config: RedisConfig, deps: ReportQueueDeps) {
    this.#deps = deps;
    this.#producer = new Producer(REPORTS, config, deps);
    this.#accepted = deps.metrics.tally('tallygate_reports_accepted_total', 'Reports taken over for good.');
    this.#refused = deps.metrics.labelled('tallygate_reports_refused_total', 'Reports answered 503.', 'reason');
    this.#eventsConnection = consumerConnection(config);
    this.#eventsConnection.on('error', () => undefined);
    this.#events = new QueueEvents(REPORTS, { connection: this.#eventsConnection, prefix: QUEUE_PREFIX });
    this.#events.on('error', () => undefined);
    this.#events.on('completed', ({ returnvalue }: { returnvalue: unknown }) => this.#completed(returnvalue));
    this.#timer = deps.clock.every(DEPTH_INTERVAL, () => void this.#look());
    this.#exportDepth();
  }

  /** Can it take reports over right now? */
  get reachable(): boolean {
    return this.#producer.reachable;
  }

  async accept(entries: readonly BatchEntry[]): Promise<void> {
    if (entries.length === 0) return;
    if (this.#waiting >= MAX_WAITING) {
      this.#refused.add('backlog');
      throw new Fault(backendErrors.queueFull);
    }
    const identity = this.#sequence.next();
    try {
      await this.#producer.add('report', encodeReport(identity, entries), REPORT_OPTIONS);
    } catch (error) {
      const uncertain = error instanceof AddFailed && error.uncertain;
      if (!uncertain) this.#sequence.completed(identity.epoch, identity.sequence);
      this.#refused.add(error instanceof Fault ? 'full' : uncertain ? 'uncertain' : 'unreachable');
      throw error;
    }
    this.#waiting += 1;
    this.#accepted.count += 1;
  }

  /** Resolves when no report waits or is worked on. */
  async drain(): Promise<void> {
    for (;;) {
      const depth = await this.#producer.depth();
      if (depth.waiting + depth.active + depth.delayed === 0) return;
      await new Promise<void>((resolve) => void this.#deps.clock.after(5, resolve));
    }
  }

  async stop(): Promise<void> {
    this.#timer.cancel();
    await this.#events.close().catch(() => undefined);
    this.#eventsConnection.disconnect();
    await this.#producer.close();
  }

  #completed(result: unknown): void {
    if (typeof result !== 'object' || result === null || !('epoch' in result) || !('sequence' in result)) return;
    const { epoch, sequence } = result;
    if (typeof epoch === 'string' && typeof sequence === 'number') this.#sequence.completed(epoch, sequence);
  }

  async #look(): Promise<void> {
    const depth = await this.#producer.depth().catch(() => null);
    if (depth !== null) this.#waiting = depth.waiting;
  }

  #exportDepth(): void {
    const { metrics, clock } = this.#deps;
    const states: readonly (readonly [keyof QueueDepth, string])[] = [
      ['waiting', 'Reports in the queue that no worker has taken yet.'],
      ['active', 'Reports that workers have in hand.'],
      ['delayed', 'Reports that wait for another try.'],
      ['failed', 'Reports set aside: unreadable, or in conflict with what was applied.'],
    ];
    for (const [state, help] of states) {
      metrics.gauge(`tallygate_reports_${state}`, help, async () => (await this.#producer.depth())[state]);
    }
    metrics.gauge('tallygate_reports_oldest_seconds', 'Age of the report that waits longest.', async () => {
      const oldest = await this.#producer.oldest();
      return oldest === null ? 0 : Math.max(0, clock.now() - oldest) / 1000;
    });
    metrics.gauge(
      'tallygate_reports_open',
      'Reports of this process not known to be applied.',
      () => this.#sequence.open,
    );
  }
}
