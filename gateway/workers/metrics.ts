import { AggregatorRegistry, Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import type { CountsByLabel } from '../metrics/sources.ts';

/** Where the figures of the gateway as a whole are read, which no worker knows. */
export interface WorkersSources {
  /** Workers: serving, silent of these, absent. */
  workers(): CountsByLabel;
  /** Workers that ended: killed, exited. */
  exits(): CountsByLabel;
  reportingThreads(): number;
  reportingThreadsBusy(): number;
  /** Reloads of the configuration: applied, refused. */
  configReloads(): CountsByLabel;
}

/** The metrics of one process, as `Registry.getMetricsAsJSON` gives them. */
export type Figures = readonly object[];

/**
 * The metrics of a gateway with workers: sums over the workers (means and maxima where a sum says nothing). What a worker
 * had counted as of its last scrape stays in the sums when it ends, so that no counter ever falls.
 */
export class WorkersMetrics {
  readonly #own = new Registry();
  readonly #process = new Registry();
  #departed: Figures = [];

  constructor(sources: WorkersSources) {
    collectDefaultMetrics({ register: this.#process });
    this.#gauge('tallygate_workers', 'Workers by state; silent ones serve as well.', 'state', () => sources.workers());
    this.#counter('tallygate_worker_exits_total', 'Workers that ended unasked.', 'reason', () => sources.exits());
    this.#number('tallygate_reporting_threads', 'Threads that deliver reports.', () => sources.reportingThreads());
    this.#number('tallygate_reporting_threads_busy', 'Of these, busy ones.', () => sources.reportingThreadsBusy());
    this.#counter('tallygate_config_reloads_total', 'Changed configurations, applied or refused.', 'result', () =>
      sources.configReloads(),
    );
  }

  /** A worker ended that had these figures when it was scraped last. */
  async departed(last: Figures): Promise<void> {
    const both = [[...this.#departed], last.filter((metric) => isCumulative(metric))];
    this.#departed = await AggregatorRegistry.aggregate(both).getMetricsAsJSON();
  }

  /** The text of a scrape, from the figures of each worker. */
  async scrape(workers: readonly Figures[]): Promise<{ readonly contentType: string; readonly body: string }> {
    const own = await this.#own.getMetricsAsJSON();
    const names = new Set<unknown>(own.map(({ name }) => name));
    const process = (await this.#process.getMetricsAsJSON()).filter(({ name }) => name.startsWith('process_'));
    const others = [...workers, this.#departed, process].map((figures) =>
      figures.filter((metric) => !names.has(Reflect.get(metric, 'name'))),
    );
    const all = AggregatorRegistry.aggregate([...others, own]);
    return { contentType: this.#own.contentType, body: await all.metrics() };
  }

  #number(name: string, help: string, read: () => number): void {
    const collect = (): void => gauge.set(read());
    const gauge: Gauge = new Gauge({ name, help, registers: [], collect });
    this.#own.registerMetric(gauge);
  }

  #gauge(name: string, help: string, label: string, read: () => CountsByLabel): void {
    const collect = (): void => {
      for (const [value, count] of read()) gauge.set({ [label]: value }, count);
    };
    const gauge: Gauge = new Gauge({ name, help, labelNames: [label], registers: [], collect });
    this.#own.registerMetric(gauge);
  }

  #counter(name: string, help: string, label: string, read: () => CountsByLabel): void {
    const collect = (): void => {
      counter.reset();
      for (const [value, count] of read()) counter.inc({ [label]: value }, count);
    };
    const counter: Counter = new Counter({ name, help, labelNames: [label], registers: [], collect });
    this.#own.registerMetric(counter);
  }
}

function isCumulative(metric: object): boolean {
  const type: unknown = Reflect.get(metric, 'type');
  return type === 'counter' || type === 'histogram';
}
