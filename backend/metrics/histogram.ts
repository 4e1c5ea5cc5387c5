import { Histogram } from 'prom-client';
import type { MetricValueWithName } from 'prom-client';

/** Durations counted in plain numbers: one addition to a bucket, and no object, per observation. */
export class Durations {
  /** Upper bounds, ms, ascending; a last bucket without a bound follows. */
  readonly bounds: readonly number[];
  readonly buckets: Float64Array;
  sumMs = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.buckets = new Float64Array(bounds.length + 1);
  }

  observe(ms: number): void {
    let index = 0;
    while (index < this.bounds.length && ms > (this.bounds[index] ?? 0)) index += 1;
    this.buckets[index] = (this.buckets[index] ?? 0) + 1;
    this.sumMs += ms;
  }
}

export interface HistogramOptions {
  /** Ends in `_seconds`. */
  readonly name: string;
  readonly help: string;
  readonly label: string;
}

interface Exported {
  readonly name: string;
  readonly help: string;
  readonly type: 'histogram';
  readonly aggregator: 'sum';
  readonly values: readonly MetricValueWithName<string>[];
}

/** A prom-client histogram whose values are those of `read`, by value of the one label, at the time of the scrape. */
export class ExportedHistogram extends Histogram {
  readonly #options: HistogramOptions;
  readonly #read: () => Iterable<readonly [label: string, durations: Durations]>;

  constructor(options: HistogramOptions, read: () => Iterable<readonly [string, Durations]>) {
    super({ name: options.name, help: options.help, labelNames: [options.label], registers: [] });
    this.#options = options;
    this.#read = read;
  }

  /** What both of the registry's formats are made from. */
  getForPromString(): Promise<Exported> {
    const values = [...this.#read()].flatMap(([label, durations]) => this.#series(label, durations));
    return Promise.resolve({
      name: this.#options.name,
      help: this.#options.help,
      type: 'histogram',
      aggregator: 'sum',
      values,
    });
  }

  #series(label: string, durations: Durations): MetricValueWithName<string>[] {
    const { name } = this.#options;
    const labels = { [this.#options.label]: label };
    let total = 0;
    const buckets = [...durations.buckets].map((count, index) => {
      total += count;
      const bound = durations.bounds[index];
      const le = bound === undefined ? '+Inf' : bound / 1000;
      return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: total };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: durations.sumMs / 1000 },
      { metricName: `${name}_count`, labels, value: total },
    ];
  }
}
