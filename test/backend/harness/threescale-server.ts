import { fastify } from 'fastify';
import type { FastifyInstance } from 'fastify';
import { systemClock } from '../../../shared/clock.ts';
import { createLogger } from '../../../shared/log.ts';
import { Configuration } from '../../../backend/configuration/configuration.ts';
import { EventList } from '../../../backend/events/event-list.ts';
import { ProviderAccounting } from '../../../backend/events/provider-accounting.ts';
import { StoredErrors } from '../../../backend/events/stored-errors.ts';
import { Traffic } from '../../../backend/events/traffic.ts';
import { answerErrors } from '../../../backend/http/errors.ts';
import { internalRoutes } from '../../../backend/http/internal/routes.ts';
import { followTestControl, testControlRoutes } from '../../../backend/http/test-control/routes.ts';
import { TestTime } from '../../../backend/http/test-control/test-time.ts';
import { answerUnknownPaths, threescaleRoutes } from '../../../backend/http/threescale/routes.ts';
import { DirectJobs } from '../../../backend/jobs/direct-jobs.ts';
import { Metrics } from '../../../backend/metrics/metrics.ts';
import { StoreClock } from '../../../backend/store-clock.ts';
import type { Store } from '../../../backend/store/store.ts';

export interface ThreescaleServer {
  readonly server: FastifyInstance;
  readonly configuration: Configuration;
  readonly clock: StoreClock;
}

/** The 3scale side of the backend over a store, in this process and with the test control, not listening. */
export async function createThreescaleServer(store: Store): Promise<ThreescaleServer> {
  const log = createLogger('test', 'silent');
  const metrics = new Metrics();
  const clock = new StoreClock(systemClock, () => store.time(), log);
  const errors = new StoredErrors(store.logs, clock);
  const events = new EventList(store.logs);
  const { counters, logs } = store;
  let traffic: Traffic | null = null;
  const configuration = new Configuration(
    { secret: null },
    { store, clock, log, forget: async (application) => traffic?.forget(application) },
  );
  const { lookup } = configuration;
  const jobs = new DirectJobs({ counters, errors, events: null, clock, log, metrics });
  traffic = new Traffic({ lookup, counters, logs, events, announce: () => jobs.hook.ping(), clock });
  jobs.work(traffic);
  const accounting = new ProviderAccounting('1', { lookup, logs, reports: jobs.reports, clock });
  const time = new TestTime({ documents: store.documents, clock });
  await configuration.prepare();
  // Without the shedding of load of a real server: a busy machine would turn requests of a test away.
  const server = fastify({ routerOptions: { maxParamLength: 4096 } });
  answerErrors(server, { log, metrics });
  const { reports, activity } = jobs;
  followTestControl(server, { configuration, time });
  answerUnknownPaths(server);
  await server.register(async (context) => {
    await threescaleRoutes({ lookup, counters, reports, activity, errors, accounting, clock, log })(context);
  });
  await server.register(
    async (context) => {
      await internalRoutes({
        configuration,
        counters,
        errors,
        events,
        credentials: null,
        testControl: true,
        clock,
        log,
      })(context);
    },
    { prefix: '/internal' },
  );
  await server.register(
    async (context) => {
      await testControlRoutes({ store, configuration, errors, events, accounting, jobs, time })(context);
    },
    { prefix: '/__test' },
  );
  return { server, configuration, clock };
}
