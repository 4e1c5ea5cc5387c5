import { createLogger } from '../../../shared/log.ts';
import { systemClock } from '../../../shared/clock.ts';
import { ReportQueue } from '../../../backend/jobs/report-queue.ts';
import { QUEUE_PREFIX, REPORTS } from '../../../backend/jobs/queues.ts';
import { Metrics } from '../../../backend/metrics/metrics.ts';
import type { BatchEntry } from '../../../backend/store/store.ts';
import type { PrivateRedis } from '../../../test/harness/redis.ts';
import { pause } from '../../machine/process.ts';
import type { Running } from '../../machine/process.ts';
import { redisCpu, redisNumber, redisOn } from '../../machine/redis.ts';
import { SERVICE, provisionBackend, startBackend, startWorker } from '../../peers/backend.ts';
import type { Report } from '../../report.ts';
import type { ScenarioOptions } from '../../stage.ts';
import { spread } from '../../statistics.ts';
import { atLeast } from '../../verdict.ts';

const BATCH = 500;
/** Reports of one round: of many, so that the queue is never empty before its end. */
const REPORTS_A_ROUND = 120;
const LEAST_PER_SECOND = 30_000;
/** Different applications in one batch of 500. */
const WORLDS = [50, 500];

/** One round: entries per second, and CPU microseconds per entry. */
interface Round {
  readonly perSecond: number;
  readonly worker: number;
  readonly redis: number;
}

/** How fast one worker applies queued reports of 500 entries. */
export async function reportSpeed(options: ScenarioOptions): Promise<Report> {
  const redis = await redisOn(options.cores.other);
  try {
    const backend = await startBackend(redis, options.cores.other);
    await provisionBackend(backend, Math.max(...WORLDS));
    await backend.stop();
    const worker = await startWorker(redis, options.cores.candidate);
    try {
      return report(await play(redis, worker, options));
    } finally {
      await worker.stop();
    }
  } finally {
    await redis.close();
  }
}

async function play(
  redis: PrivateRedis,
  worker: Running,
  { rounds, progress }: ScenarioOptions,
): Promise<ReadonlyMap<number, readonly Round[]>> {
  const log = createLogger('load', 'silent');
  const producer = new ReportQueue(
    { url: redis.url, waitReplicas: null, kind: 'redis' },
    { clock: systemClock, log, metrics: new Metrics() },
  );
  const results = new Map<number, Round[]>(WORLDS.map((world) => [world, []]));
  try {
    while (!producer.reachable) await pause(20);
    for (let round = -1; round < rounds; round++) {
      for (const world of WORLDS) {
        const taken = await drain(redis, worker, producer, world);
        if (round < 0) continue;
        results.get(world)?.push(taken);
        progress(
          `round ${round + 1}/${rounds}  ${world} applications a batch: ${taken.perSecond.toFixed(0)}/s, worker ${taken.worker.toFixed(1)} µs, Redis ${taken.redis.toFixed(1)} µs`,
        );
      }
    }
    return results;
  } finally {
    await producer.stop();
  }
}

/** The worker stands still while the queue is filled. */
async function drain(redis: PrivateRedis, worker: Running, producer: ReportQueue, world: number): Promise<Round> {
  worker.signal('SIGSTOP');
  const at = systemClock.now();
  for (let index = 0; index < REPORTS_A_ROUND; index++) await producer.accept(entries(world, at));
  const [cpu, redisBefore] = await Promise.all([worker.cpu(), redisCpu(redis)]);
  const started = systemClock.monotonic();
  worker.signal('SIGCONT');
  const key = `${QUEUE_PREFIX}:${REPORTS}`;
  while ((await redisNumber(redis, 'LLEN', `${key}:wait`)) + (await redisNumber(redis, 'LLEN', `${key}:active`)) > 0) {
    await pause(10);
  }
  const seconds = (systemClock.monotonic() - started) / 1_000;
  const [cpuAfter, redisAfter] = await Promise.all([worker.cpu(), redisCpu(redis)]);
  const count = REPORTS_A_ROUND * BATCH;
  return { perSecond: count / seconds, worker: (cpuAfter - cpu) / count, redis: (redisAfter - redisBefore) / count };
}

/** 500 entries, each of one application, metric and minute. */
function entries(world: number, at: number): BatchEntry[] {
  return Array.from({ length: BATCH }, (_, index) => ({
    service: SERVICE,
    application: `app-${index % world}`,
    // With fewer applications than entries, each comes with several minutes.
    at: at - Math.floor(index / world) * 60_000,
    additions: [{ metric: '1', use: 1n, take: 1n, set: false }],
    codes: [],
  }));
}

function report(results: ReadonlyMap<number, readonly Round[]>): Report {
  const of = (world: number): readonly Round[] => results.get(world) ?? [];
  const text = (values: readonly number[], digits: number): string => {
    const { median, least, greatest } = spread(values);
    return `${median.toFixed(digits)} (${least.toFixed(digits)}–${greatest.toFixed(digits)})`;
  };
  return {
    title: 'Queued reports of 500 entries, applied by one worker',
    columns: ['applications a batch', 'entries/s', 'worker CPU µs an entry', 'Redis CPU µs an entry'],
    rows: WORLDS.map((world) => [
      String(world),
      text(
        of(world).map(({ perSecond }) => perSecond),
        0,
      ),
      text(
        of(world).map(({ worker }) => worker),
        1,
      ),
      text(
        of(world).map(({ redis }) => redis),
        1,
      ),
    ]),
    verdicts: WORLDS.map((world) => {
      const value = spread(of(world).map(({ perSecond }) => perSecond)).median;
      return atLeast(`report entries/s of one worker, ${world} applications a batch`, value, LEAST_PER_SECOND);
    }),
    notes: ['One worker process has one core, Redis the other. What follows from the usage (events, alerts) is in it.'],
    raw: Object.fromEntries(results),
  };
}
