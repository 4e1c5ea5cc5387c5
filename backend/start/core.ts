import type { Logger } from '../../shared/log.ts';
import type { EventsConfig, StoreConfig } from '../config.ts';
import { Configuration } from '../configuration/configuration.ts';
import type { Timer } from '../../shared/clock.ts';
import { EventList } from '../events/event-list.ts';
import { ProviderAccounting } from '../events/provider-accounting.ts';
import { StoredErrors } from '../events/stored-errors.ts';
import { Traffic } from '../events/traffic.ts';
import type { Jobs } from '../jobs/contract.ts';
import { DirectJobs } from '../jobs/direct-jobs.ts';
import { TestTime } from '../http/test-control/test-time.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { StoreClock } from '../store-clock.ts';
import type { Store } from '../store/store.ts';
import { Preparation } from './preparation.ts';

export interface CoreConfig {
  readonly store: StoreConfig;
  readonly storeSecret: string | null;
  readonly events: EventsConfig | null;
  readonly masterService: string | null;
  readonly testControl: boolean;
}

export interface CoreDeps {
  /** The backends' one clock. */
  readonly clock: StoreClock;
  readonly store: Store;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Clients wait for answers of this process, as of a backend; not of a worker. */
  readonly besideClients: boolean;
}

/** What a backend and a worker have in common above the store. */
export interface Core {
  readonly configuration: Configuration;
  readonly preparation: Preparation;
  readonly errors: StoredErrors;
  readonly events: EventList;
  readonly jobs: Jobs;
  /** null: calls of providers are not counted. */
  readonly accounting: ProviderAccounting | null;
  /** Test control only. */
  readonly testTime: TestTime | null;
  /** Begins to work through the jobs. */
  work(): void;
  stop(): Promise<void>;
}

/** Between two looks at calls of providers that wait to be counted, ms. */
const ACCOUNTING_INTERVAL = 10_000;

export async function createCore(config: CoreConfig, deps: CoreDeps): Promise<Core> {
  const { clock, store, log } = deps;
  const errors = new StoredErrors(store.logs, clock);
  const events = new EventList(store.logs);
  const configuration = new Configuration(
    { secret: config.storeSecret },
    { store, clock, log, forget: (application) => traffic.forget(application) },
  );
  const jobs = await createJobs(config, deps, errors);
  const traffic = new Traffic({
    lookup: configuration.lookup,
    counters: store.counters,
    logs: store.logs,
    events,
    announce: () => jobs.hook.ping(),
    clock,
  });
  const preparation = new Preparation(() => configuration.prepare(), clock, log);
  const { masterService } = config;
  const { reports } = jobs;
  const accounting =
    masterService === null
      ? null
      : new ProviderAccounting(masterService, { lookup: configuration.lookup, logs: store.logs, reports, clock });
  const testTime = config.testControl ? new TestTime({ documents: store.documents, clock }) : null;
  let timer: Timer | null = null;
  return {
    configuration,
    preparation,
    errors,
    events,
    jobs,
    accounting,
    testTime,
    work() {
      jobs.work(testTime === null ? traffic : followed(traffic, configuration, testTime));
      if (accounting === null) return;
      // A failure shows in the store's health; the calls wait for the next time.
      timer = clock.every(ACCOUNTING_INTERVAL, () => void accounting.flush().catch(() => null));
    },
    async stop() {
      timer?.cancel();
      preparation.stop();
      if (timer !== null) await accounting?.flush().catch(() => null);
      await jobs.stop();
      configuration.close();
    },
  };
}

/** Under test control a worker agrees with the other processes on time and configuration before it looks at anything. */
function followed(traffic: Traffic, configuration: Configuration, time: TestTime): Pick<Traffic, 'observe'> {
  return {
    async observe(application) {
      await time.follow();
      await configuration.synchronize();
      await traffic.observe(application);
    },
  };
}

async function createJobs(config: CoreConfig, deps: CoreDeps, errors: StoredErrors): Promise<Jobs> {
  const { clock, store, log, metrics, besideClients } = deps;
  const { events, testControl } = config;
  const jobDeps = { counters: store.counters, errors, events, testControl, besideClients, clock, log, metrics };
  if (config.store.kind === 'embedded') return new DirectJobs(jobDeps);
  // Only where there is a queue: BullMQ takes long to load.
  const { QueuedJobs } = await import('../jobs/queued-jobs.ts');
  return new QueuedJobs(config.store, jobDeps);
}
