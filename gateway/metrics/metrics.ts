import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import type { Clock } from '../../shared/clock.ts';
import type { Exchange } from '../http1/contract.ts';
import { DurationHistogram } from './histogram.ts';
import type { CountsByLabel, MetricSources } from './sources.ts';

/** What is counted of every request: plain numbers, no look-up by label. */
type Observed = Pick<Exchange<unknown>, 'status' | 'startedAt' | 'forwardedAt' | 'answeredAt'>;

/** Label of each class of status; the first is for a client that left before it got one. */
const CODES = ['none', '1xx', '2xx', '3xx', '4xx', '5xx'] as const;

/** The gateway's metrics. Nothing of prom-client runs before a scrape. */
export class GatewayMetrics {
  readonly registry = new Registry();
  private readonly clock: Clock;
  private readonly byCode = new Float64Array(CODES.length);
  private readonly total = new DurationHistogram(
    'tallygate_request_duration_seconds',
    'From the complete request head to the end of the answer.',
  );
  private readonly upstream = new DurationHistogram(
    'tallygate_upstream_duration_seconds',
    'From the request written to the upstream to the first byte of its answer.',
  );
  private readonly overhead = new DurationHistogram(
    'tallygate_overhead_duration_seconds',
    'From the complete request head to the request written to the upstream, or to the end of an answer of our own.',
  );

  constructor(sources: MetricSources, clock: Clock) {
    this.clock = clock;
    for (const histogram of [this.total, this.upstream, this.overhead]) this.registry.registerMetric(histogram);
    this.addRequests();
    this.addGauges(sources);
    this.addLeases(sources);
    this.addCounters(sources);
    this.addBackendCalls(sources);
    collectDefaultMetrics({ register: this.registry });
  }

  /** A request is over. */
  observe(exchange: Observed): void {
    const { status, startedAt, forwardedAt, answeredAt } = exchange;
    const now = this.clock.monotonic();
    const code = status >= 100 && status < 600 ? (status / 100) | 0 : 0;
    this.byCode[code] = (this.byCode[code] ?? 0) + 1;
    this.total.observeMs(now - startedAt);
    this.overhead.observeMs((forwardedAt === 0 ? now : forwardedAt) - startedAt);
    if (answeredAt !== 0) this.upstream.observeMs(answeredAt - forwardedAt);
  }

  /** The text of a scrape. */
  async scrape(): Promise<{ readonly contentType: string; readonly body: string }> {
    return { contentType: this.registry.contentType, body: await this.registry.metrics() };
  }

  private addRequests(): void {
    const counts = (): CountsByLabel => CODES.map((code, index) => [code, this.byCode[index] ?? 0] as const);
    this.labelled('tallygate_requests_total', 'Requests by the class of their status.', 'code', counts);
  }

  private addGauges(sources: MetricSources): void {
    this.gauge('tallygate_auth_cache_entries', 'Callers in memory.', () => sources.authCacheEntries());
    this.gauge('tallygate_usage_pending', 'Units of usage not yet applied.', () => sources.usagePending());
    this.gauge(
      'tallygate_usage_oldest_seconds',
      'Age of the oldest usage not yet applied.',
      () => sources.usageOldestSeconds(),
      'max',
    );
    this.gauge('tallygate_reporting_threads', 'Threads that deliver reports.', () => sources.reportingThreads());
    this.gauge('tallygate_reporting_threads_busy', 'Of these, busy ones.', () => sources.reportingThreadsBusy());
    this.gauge('tallygate_journal_bytes', 'Bytes of the journal on disk.', () => sources.journalBytes());
    this.gauge('tallygate_connections', 'Open client connections.', () => sources.connections());
  }

  private addLeases(sources: MetricSources): void {
    this.gauge('tallygate_service_tokens_refused', 'Services whose token the backend refuses (leased mode).', () =>
      sources.tokensRefused(),
    );
    this.labelledGauge('tallygate_lease_units', 'Units of the leases held now.', 'state', () => sources.leaseUnits());
    this.labelledGauge(
      'tallygate_leases',
      'Leases held, and returning ones that the backend has not acknowledged.',
      'state',
      () => sources.leases(),
    );
    this.counter('tallygate_lease_waits_total', 'Requests that waited for a lease.', () => sources.leaseWaits());
    this.counter('tallygate_lease_messages_total', 'Lease messages sent, repeats included.', () =>
      sources.leaseMessages(),
    );
    this.labelled(
      'tallygate_limited_total',
      'Calls refused at a limit; elsewhere: others still held units.',
      'left',
      () => sources.limited(),
    );
    this.counter(
      'tallygate_overshoot_total',
      'Calls served without the backend, as BACKEND_DOWN declares: by so many a limit may be exceeded.',
      () => sources.overshoot(),
    );
  }

  private addCounters(sources: MetricSources): void {
    this.labelled('tallygate_auth_cache_total', 'Decisions by where they came from.', 'result', () =>
      sources.authCache(),
    );
    this.counter('tallygate_auth_cache_evictions_total', 'Callers forgotten to make room.', () =>
      sources.authCacheEvictions(),
    );
    this.counter('tallygate_usage_lost_total', 'Units of usage that will never be counted.', () => sources.usageLost());
    this.counter('tallygate_usage_uncertain_total', 'Units set aside: nobody knows whether they were counted.', () =>
      sources.usageUncertain(),
    );
    this.labelled(
      'tallygate_usage_units_total',
      'Units of usage journalled, sent and acknowledged (both with repeats), and applied by the backend.',
      'state',
      () => sources.usageUnits(),
    );
    this.counter('tallygate_usage_set_aside_total', 'Entries of usage that the backend did not count.', () =>
      sources.usageSetAside(),
    );
    this.counter('tallygate_batches_replayed_total', 'Batches sent again because the store changed.', () =>
      sources.batchesReplayed(),
    );
    this.counter(
      'tallygate_batches_let_go_total',
      'Counted batches no longer kept in case the store forgets them, because the journal was full.',
      () => sources.batchesLetGo(),
    );
    this.counter('tallygate_journal_damaged_total', 'Places in the journal that could not be read.', () =>
      sources.journalDamaged(),
    );
    this.labelled('tallygate_batches_total', 'Batches by result.', 'result', () => sources.batches());
    this.labelled('tallygate_reporting_deliveries_total', 'Deliveries by thread or event loop.', 'by', () =>
      sources.reportingDeliveries(),
    );
    this.labelled('tallygate_config_reloads_total', 'Changed configurations, applied or refused.', 'result', () =>
      sources.configReloads(),
    );
    this.labelled(
      'tallygate_engine_errors_total',
      'Requests refused by the engine or failed by an upstream.',
      'error',
      () => sources.engineErrors(),
    );
    this.counter('tallygate_access_log_dropped_total', 'Lines of the access log that were dropped.', () =>
      sources.accessLogDropped(),
    );
  }

  private addBackendCalls(sources: MetricSources): void {
    const counter = new Counter({
      name: 'tallygate_backend_calls_total',
      help: 'Calls to the backend by kind and result.',
      labelNames: ['call', 'result'],
      registers: [],
      collect() {
        this.reset();
        for (const [call, result, count] of sources.backendCalls()) this.inc({ call, result }, count);
      },
    });
    this.registry.registerMetric(counter);
  }

  /** `aggregator`: what several workers' values make together. */
  private gauge(name: string, help: string, read: () => number, aggregator: 'sum' | 'max' = 'sum'): void {
    const gauge = new Gauge({
      name,
      help,
      aggregator,
      registers: [],
      collect() {
        this.set(read());
      },
    });
    this.registry.registerMetric(gauge);
  }

  private labelledGauge(name: string, help: string, label: string, read: () => CountsByLabel): void {
    const gauge = new Gauge({
      name,
      help,
      labelNames: [label],
      registers: [],
      collect() {
        for (const [value, count] of read()) this.set({ [label]: value }, count);
      },
    });
    this.registry.registerMetric(gauge);
  }

  private counter(name: string, help: string, read: () => number): void {
    const counter = new Counter({
      name,
      help,
      registers: [],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
    this.registry.registerMetric(counter);
  }

  private labelled(name: string, help: string, label: string, read: () => CountsByLabel): void {
    const counter = new Counter({
      name,
      help,
      labelNames: [label],
      registers: [],
      collect() {
        this.reset();
        for (const [value, count] of read()) this.inc({ [label]: value }, count);
      },
    });
    this.registry.registerMetric(counter);
  }
}
