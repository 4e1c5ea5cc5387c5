import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import type { EventsConfig, RedisConfig } from '../config.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { ApplyDeps } from './apply-report.ts';
import type { Activity, EventsHook, Jobs, Traffic } from './contract.ts';
import { NotificationWorker } from './notification-worker.ts';
import { HOOK, HOOK_OPTIONS, NOTIFICATION_OPTIONS, OBSERVE, encodeObserve } from './notifications.ts';
import { Producer } from './producer.ts';
import { NOTIFICATIONS } from './queues.ts';
import { ReportQueue } from './report-queue.ts';
import { ENTRIES_AT_ONCE, ENTRIES_BESIDE_CLIENTS, ReportWorker } from './report-worker.ts';
import { TOUCH_INTERVAL, TouchedApplications } from './touched-applications.ts';

/** Under test control, ms: a drain waits for it. */
const TEST_INTERVAL = 20;

export interface QueuedJobsDeps extends ApplyDeps {
  readonly events: EventsConfig | null;
  readonly testControl: boolean;
  /** Clients wait for answers of this process. */
  readonly besideClients: boolean;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** Jobs in BullMQ queues, shared by all backends and workers. */
export class QueuedJobs implements Jobs {
  readonly reports: ReportQueue;
  readonly activity: Activity;
  readonly hook: EventsHook;
  readonly #config: RedisConfig;
  readonly #deps: QueuedJobsDeps;
  readonly #notifications: Producer;
  readonly #touched: TouchedApplications;
  #workers: readonly { stop(): Promise<void> }[] = [];

  constructor(config: RedisConfig, deps: QueuedJobsDeps) {
    const { clock, log, metrics, testControl } = deps;
    this.#config = config;
    this.#deps = deps;
    this.reports = new ReportQueue(config, deps);
    this.#notifications = new Producer(NOTIFICATIONS, config, deps);
    this.#touched = new TouchedApplications({
      clock,
      log,
      metrics,
      interval: testControl ? TEST_INTERVAL : TOUCH_INTERVAL,
      deliver: (applications) => this.#notifications.add(OBSERVE, encodeObserve(applications), NOTIFICATION_OPTIONS),
    });
    this.activity = this.#touched;
    this.hook = { ping: () => void this.#ping() };
  }

  work(traffic: Traffic): void {
    const { log, metrics, events, testControl, besideClients } = this.#deps;
    const entriesAtOnce = besideClients ? ENTRIES_BESIDE_CLIENTS : ENTRIES_AT_ONCE;
    const beforeCompletion = testControl ? { beforeCompletion: () => this.#touched.flush() } : {};
    this.#workers = [
      new ReportWorker(this.#config, { ...this.#deps, activity: this.activity, entriesAtOnce, ...beforeCompletion }),
      new NotificationWorker(this.#config, { traffic, events, log, metrics }),
    ];
  }

  async drain(): Promise<void> {
    for (;;) {
      await this.reports.drain();
      await this.#touched.flush();
      // Other processes hand over what they collected meanwhile.
      await new Promise<void>((resolve) => void this.#deps.clock.after(2 * TEST_INTERVAL, resolve));
      const { waiting, active } = await this.#notifications.depth();
      if (waiting + active === 0) return;
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop()));
    await this.#touched.stop();
    await this.reports.stop();
    await this.#notifications.close();
  }

  async #ping(): Promise<void> {
    if (this.#deps.events === null) return;
    try {
      await this.#notifications.add(HOOK, {}, HOOK_OPTIONS);
    } catch (error) {
      // The events stay where they are; the next one pings again.
      this.#deps.log.warn({ err: error }, 'the events webhook could not be queued');
    }
  }
}
