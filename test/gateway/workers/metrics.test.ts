import { Counter, Gauge, Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { DurationHistogram } from '../../../gateway/metrics/histogram.ts';
import { WorkersMetrics } from '../../../gateway/workers/metrics.ts';
import type { Figures } from '../../../gateway/workers/metrics.ts';

function workersMetrics(): WorkersMetrics {
  return new WorkersMetrics({
    workers: () => [['serving', 2]],
    exits: () => [['killed', 1]],
    reportingThreads: () => 3,
    reportingThreadsBusy: () => 1,
    configReloads: () => [['applied', 1]],
  });
}

interface Values {
  readonly requests: number;
  readonly oldest: number;
  readonly ms: number;
}

/** What a worker that has seen this says of itself. */
async function figures({ requests, oldest, ms }: Values): Promise<Figures> {
  const registry = new Registry();
  const registers = [registry];
  new Counter({ name: 'requests', help: 'h', labelNames: ['code'], registers }).inc({ code: '2xx' }, requests);
  new Gauge({ name: 'oldest', help: 'h', aggregator: 'max', registers }).set(oldest);
  new Gauge({ name: 'connections', help: 'h', registers }).set(1);
  new Gauge({ name: 'tallygate_reporting_threads', help: 'h', registers }).set(3);
  const histogram = new DurationHistogram('duration_seconds', 'h');
  histogram.observeMs(ms);
  registry.registerMetric(histogram);
  return registry.getMetricsAsJSON();
}

async function lines(metrics: WorkersMetrics, workers: readonly Figures[]): Promise<string[]> {
  return (await metrics.scrape(workers)).body.split('\n');
}

it('counters, gauges and histograms of the workers add up; of an age the greatest holds', async () => {
  const both = await Promise.all([
    figures({ requests: 5, oldest: 1, ms: 3 }),
    figures({ requests: 7, oldest: 4, ms: 200 }),
  ]);
  const text = await lines(workersMetrics(), both);
  expect(text).toContain('requests{code="2xx"} 12');
  expect(text).toContain('connections 2');
  expect(text).toContain('oldest 4');
  expect(text).toContain('duration_seconds_bucket{le="0.005"} 1');
  expect(text).toContain('duration_seconds_bucket{le="+Inf"} 2');
  expect(text).toContain('duration_seconds_count 2');
});

it('what the gateway has only once is not added up', async () => {
  const both = await Promise.all([
    figures({ requests: 0, oldest: 0, ms: 1 }),
    figures({ requests: 0, oldest: 0, ms: 1 }),
  ]);
  const text = await lines(workersMetrics(), both);
  expect(text.filter((line) => line.startsWith('tallygate_reporting_threads '))).toEqual([
    'tallygate_reporting_threads 3',
  ]);
  expect(text).toContain('tallygate_workers{state="serving"} 2');
  expect(text).toContain('tallygate_worker_exits_total{reason="killed"} 1');
});

it('what a worker had counted stays in the sums when it ends; its gauges go', async () => {
  const metrics = workersMetrics();
  await metrics.departed(await figures({ requests: 5, oldest: 9, ms: 3 }));
  await metrics.departed(await figures({ requests: 2, oldest: 9, ms: 3 }));
  const text = await lines(metrics, [await figures({ requests: 1, oldest: 2, ms: 3 })]);
  expect(text).toContain('requests{code="2xx"} 8');
  expect(text).toContain('duration_seconds_count 3');
  expect(text).toContain('oldest 2');
  expect(text).toContain('connections 1');
});

it('the memory of the primary itself is counted too', async () => {
  const text = await lines(workersMetrics(), []);
  const memory = text.find((line) => line.startsWith('process_resident_memory_bytes '));
  expect(Number(memory?.split(' ')[1])).toBeGreaterThan(1_000_000);
});
