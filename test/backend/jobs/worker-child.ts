import { argv } from 'node:process';
import { ReportWorker } from '../../../backend/jobs/report-worker.ts';
import { Metrics } from '../../../backend/metrics/metrics.ts';
import { createRedisStore } from '../../../backend/store/redis/store.ts';
import { systemClock } from '../../../shared/clock.ts';
import { createLogger } from '../../../shared/log.ts';

/**
 * A worker of reports and nothing else, for tests that kill it: it starts fast, and what a killed one had in hand goes
 * back soon. Argument: the URL of the Redis. It says `working` when it has applied its first report.
 */
const url = argv[2] ?? '';
const log = createLogger('worker-child', 'info');
const store = await createRedisStore({ url }, { clock: systemClock, log });
let told = false;
const worker = new ReportWorker(
  { kind: 'redis', url, waitReplicas: null },
  {
    counters: store.counters,
    errors: { record: async () => undefined },
    activity: {
      touched() {
        if (!told) log.info('working');
        told = true;
      },
    },
    log,
    metrics: new Metrics(),
    timings: { lockMs: 1_000, stalledCheckMs: 300 },
  },
);
process.once('SIGTERM', () => void worker.stop().then(() => store.close()));
log.info('started');
