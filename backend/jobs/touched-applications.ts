import type { Clock, Timer } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import type { Metrics, Tally } from '../metrics/metrics.ts';
import type { ApplicationRef } from '../store/store.ts';
import type { Activity } from './contract.ts';

/** Between two deliveries, ms: an application that is busy all the time is looked at once in each. */
export const TOUCH_INTERVAL = 1_000;
/** Applications that may wait for one; more are dropped, counted, and looked at when they are next used. */
const MAX_PENDING = 50_000;
/** Applications of one delivery. */
export const DELIVERY = 500;

export interface TouchedDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** ms. */
  readonly interval: number;
  /** Hands over applications whose alerts and events are to be looked at. */
  readonly deliver: (applications: readonly ApplicationRef[]) => Promise<void>;
}

/**
 * Collects the applications that had usage and hands them over once a second. What is collected is lost when the
 * process is killed: alerts look at counters, which are not, so that they are raised with the next usage.
 */
export class TouchedApplications implements Activity {
  readonly #deps: TouchedDeps;
  readonly #dropped: Tally;
  readonly #timer: Timer;
  #pending = new Map<string, Set<string>>();
  #count = 0;
  #delivering: Promise<void> | null = null;
  #failing = false;

  constructor(deps: TouchedDeps) {
    this.#deps = deps;
    this.#dropped = deps.metrics.tally(
      'tallygate_activity_dropped_total',
      'Looks at the alerts of an application that were put off because too many waited.',
    );
    this.#timer = deps.clock.every(deps.interval, () => void this.flush());
  }

  touched({ service, application }: ApplicationRef): void {
    let applications = this.#pending.get(service);
    if (applications === undefined) {
      applications = new Set();
      this.#pending.set(service, applications);
    }
    if (applications.has(application)) return;
    if (this.#count >= MAX_PENDING) {
      this.#dropped.count += 1;
      return;
    }
    applications.add(application);
    this.#count += 1;
  }

  /** Hands over what was collected; resolves when it was. Never throws: what cannot be handed over waits for the next time. */
  flush(): Promise<void> {
    this.#delivering ??= this.#deliver().finally(() => (this.#delivering = null));
    return this.#delivering;
  }

  async stop(): Promise<void> {
    this.#timer.cancel();
    await this.flush();
  }

  async #deliver(): Promise<void> {
    const applications = [...this.#pending].flatMap(([service, set]) =>
      [...set].map((application) => ({ service, application })),
    );
    this.#pending = new Map();
    this.#count = 0;
    for (let first = 0; first < applications.length; first += DELIVERY) {
      try {
        await this.#deps.deliver(applications.slice(first, first + DELIVERY));
        this.#failing = false;
      } catch (error) {
        for (const application of applications.slice(first)) this.touched(application);
        if (!this.#failing) this.#deps.log.warn({ err: error }, 'alerts and events wait: they cannot be handed over');
        this.#failing = true;
        return;
      }
    }
  }
}
