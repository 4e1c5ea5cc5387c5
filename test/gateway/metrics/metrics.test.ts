import { describe, expect, it } from 'vitest';
import { DurationHistogram } from '../../../gateway/metrics/histogram.ts';
import { GatewayMetrics } from '../../../gateway/metrics/metrics.ts';
import type { MetricSources } from '../../../gateway/metrics/sources.ts';
import { TestClock } from '../../harness/clock.ts';

function sources(parts: Partial<MetricSources> = {}): MetricSources {
  const zero = () => 0;
  const none = () => [];
  const numbers = {
    authCacheEntries: zero,
    authCacheEvictions: zero,
    usagePending: zero,
    usageOldestSeconds: zero,
    usageLost: zero,
    usageUncertain: zero,
    journalBytes: zero,
    journalDamaged: zero,
    usageSetAside: zero,
    batchesReplayed: zero,
  };
  const more = {
    reportingThreads: zero,
    reportingThreadsBusy: zero,
    leaseWaits: zero,
    tokensRefused: zero,
    batchesLetGo: zero,
    leaseUnits: () => [],
    leases: () => [],
    leaseMessages: zero,
    limited: () => [],
    overshoot: zero,
    connections: zero,
  };
  const lists = {
    usageUnits: none,
    authCache: none,
    backendCalls: none,
    batches: none,
    reportingDeliveries: none,
    configReloads: none,
  };
  return { ...numbers, ...more, ...lists, engineErrors: none, accessLogDropped: zero, ...parts };
}

/** Value of the line that starts with `series`. */
function valueOf(body: string, series: string): number {
  const line = body.split('\n').find((each) => each.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1) ?? Number.NaN);
}

const PROMISED = [
  'tallygate_requests_total',
  'tallygate_request_duration_seconds',
  'tallygate_upstream_duration_seconds',
  'tallygate_overhead_duration_seconds',
  'tallygate_auth_cache_total',
  'tallygate_auth_cache_entries',
  'tallygate_auth_cache_evictions_total',
  'tallygate_backend_calls_total',
  'tallygate_usage_pending',
  'tallygate_usage_oldest_seconds',
  'tallygate_usage_lost_total',
  'tallygate_batches_total',
  'tallygate_reporting_threads',
  'tallygate_reporting_threads_busy',
  'tallygate_reporting_deliveries_total',
  'tallygate_lease_waits_total',
  'tallygate_overshoot_total',
];

describe('GatewayMetrics', () => {
  it('has every promised name', async () => {
    const { body } = await new GatewayMetrics(sources(), new TestClock()).scrape();
    for (const name of PROMISED) expect(body).toContain(`# TYPE ${name} `);
  });

  it('counts requests by the class of their status', async () => {
    const metrics = new GatewayMetrics(sources(), new TestClock());
    for (const status of [200, 204, 302, 429, 503, 0])
      metrics.observe({ status, startedAt: 0, forwardedAt: 0, answeredAt: 0 });
    const { body } = await metrics.scrape();
    expect(valueOf(body, 'tallygate_requests_total{code="2xx"}')).toBe(2);
    expect(valueOf(body, 'tallygate_requests_total{code="3xx"}')).toBe(1);
    expect(valueOf(body, 'tallygate_requests_total{code="4xx"}')).toBe(1);
    expect(valueOf(body, 'tallygate_requests_total{code="5xx"}')).toBe(1);
    expect(valueOf(body, 'tallygate_requests_total{code="none"}')).toBe(1);
  });

  it('tells the time of the upstream from its own', async () => {
    const clock = new TestClock();
    const metrics = new GatewayMetrics(sources(), clock);
    clock.advanceSync(100);
    metrics.observe({ status: 200, startedAt: 10, forwardedAt: 12, answeredAt: 52 });
    const { body } = await metrics.scrape();
    expect(valueOf(body, 'tallygate_request_duration_seconds_sum')).toBeCloseTo(0.09);
    expect(valueOf(body, 'tallygate_upstream_duration_seconds_sum')).toBeCloseTo(0.04);
    expect(valueOf(body, 'tallygate_overhead_duration_seconds_sum')).toBeCloseTo(0.002);
  });

  it('reads the numbers of the other parts at each scrape', async () => {
    let pending = 3;
    const metrics = new GatewayMetrics(
      sources({
        usagePending: () => pending,
        backendCalls: () => [['lease', 'ok', 7]],
        reportingDeliveries: () => [['thread', 2]],
      }),
      new TestClock(),
    );
    expect(valueOf((await metrics.scrape()).body, 'tallygate_usage_pending')).toBe(3);
    pending = 0;
    const { body } = await metrics.scrape();
    expect(valueOf(body, 'tallygate_usage_pending')).toBe(0);
    expect(valueOf(body, 'tallygate_backend_calls_total{call="lease",result="ok"}')).toBe(7);
    expect(valueOf(body, 'tallygate_reporting_deliveries_total{by="thread"}')).toBe(2);
  });
});

describe('DurationHistogram', () => {
  it('counts a duration in every bucket whose bound it does not exceed', async () => {
    const histogram = new DurationHistogram('h', 'help');
    for (const ms of [0, 1, 1.001, 70_000]) histogram.observeMs(ms);
    const { values } = await histogram.get();
    const bucket = (le: number | string) => values.find((value) => value.labels['le'] === le)?.value;
    expect(bucket(0.000_05)).toBe(1);
    expect(bucket(0.001)).toBe(2);
    expect(bucket(0.002_5)).toBe(3);
    expect(bucket(60)).toBe(3);
    expect(bucket('+Inf')).toBe(4);
  });

  it('is summed over processes', async () => {
    const { AggregatorRegistry, Registry } = await import('prom-client');
    const one = new Registry();
    const histogram = new DurationHistogram('h', 'help');
    histogram.observeMs(1);
    one.registerMetric(histogram);
    const both = AggregatorRegistry.aggregate([await one.getMetricsAsJSON(), await one.getMetricsAsJSON()]);
    expect(valueOf(await both.metrics(), 'h_count')).toBe(2);
  });
});
