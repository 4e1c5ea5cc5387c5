import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import type { EventsConfig } from '../config.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { ApplicationRef } from '../store/store.ts';
import type { ApplyDeps } from './apply-report.ts';
import type { Activity, EventsHook, Jobs, Traffic } from './contract.ts';
import { DirectReports } from './direct-reports.ts';
import { postEventsHook } from './events-hook.ts';
import { TOUCH_INTERVAL, TouchedApplications } from './touched-applications.ts';

/** Applications looked at at once. */
const AT_ONCE = 16;
/** Tries to call the webhook, and the pause before the second, ms, doubled each time. */
const HOOK_TRIES = 11;
const HOOK_PAUSE = 1_000;

export interface DirectJobsDeps extends ApplyDeps {
  readonly events: EventsConfig | null;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** Jobs of the embedded store: there is one process, so what is taken over is done in it. */
export class DirectJobs implements Jobs {
  readonly reports: DirectReports;
  readonly activity: Activity;
  readonly hook: EventsHook;
  readonly #deps: DirectJobsDeps;
  readonly #touched: TouchedApplications;
  #traffic: Traffic | null = null;
  #hookPending = false;
  #stopped = false;

  constructor(deps: DirectJobsDeps) {
    const { clock, log, metrics } = deps;
    this.#deps = deps;
    const deliver = (applications: readonly ApplicationRef[]): Promise<void> => this.#observe(applications);
    this.#touched = new TouchedApplications({ clock, log, metrics, interval: TOUCH_INTERVAL, deliver });
    this.activity = this.#touched;
    this.reports = new DirectReports({ ...deps, activity: this.#touched });
    this.hook = { ping: () => void this.#ping() };
  }

  work(traffic: Traffic): void {
    this.#traffic = traffic;
  }

  drain(): Promise<void> {
    return this.#touched.flush();
  }

  async stop(): Promise<void> {
    await this.#touched.stop();
    this.#stopped = true;
  }

  async #observe(applications: readonly ApplicationRef[]): Promise<void> {
    const traffic = this.#traffic;
    if (traffic === null) return;
    for (let first = 0; first < applications.length; first += AT_ONCE) {
      await Promise.all(applications.slice(first, first + AT_ONCE).map((application) => traffic.observe(application)));
    }
  }

  /** One at a time: while one is tried again, another would say the same. */
  async #ping(): Promise<void> {
    const { events, clock, log } = this.#deps;
    if (events === null || this.#hookPending) return;
    this.#hookPending = true;
    for (let attempt = 0; attempt < HOOK_TRIES && !this.#stopped; attempt++) {
      try {
        await postEventsHook(events);
        break;
      } catch (error) {
        if (attempt === 0) log.warn({ err: error }, 'the events webhook failed; it is tried again');
        await new Promise<void>((resolve) => void clock.after(HOOK_PAUSE * 2 ** attempt, resolve));
      }
    }
    this.#hookPending = false;
  }
}
