import { Histogram } from 'prom-client';

/** Upper bounds of the buckets, seconds: fine where a gateway spends its time, coarse where an upstream does. */
const BOUNDS: readonly number[] = [
  0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];
const BOUNDS_MS = Float64Array.from(BOUNDS, (bound) => bound * 1000);

/**
 * Durations, counted in a typed array: observing one costs a binary search and two additions, where prom-client's own
 * histogram costs over a microsecond. It becomes a metric when it is scraped.
 */
export class DurationHistogram extends Histogram {
  private readonly counts = new Float64Array(BOUNDS.length + 1);
  private sumMs = 0;
  /** Knows name, help and type in the form that a registry wants. */
  private readonly template: Histogram;

  constructor(name: string, help: string) {
    const configuration = { name, help, buckets: [...BOUNDS], registers: [] };
    super(configuration);
    this.template = new Histogram(configuration);
  }

  /** `ms`: milliseconds, with a fraction. */
  observeMs(ms: number): void {
    let low = 0;
    let high = BOUNDS_MS.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (ms <= (BOUNDS_MS[middle] ?? 0)) high = middle;
      else low = middle + 1;
    }
    this.counts[low] = (this.counts[low] ?? 0) + 1;
    this.sumMs += ms;
  }

  override async get(): ReturnType<Histogram['get']> {
    const metric = await this.template.get();
    let total = 0;
    const buckets = [...BOUNDS, '+Inf'].map((le, index) => {
      total += this.counts[index] ?? 0;
      return { metricName: `${metric.name}_bucket`, labels: { le }, value: total };
    });
    const sum = { metricName: `${metric.name}_sum`, labels: {}, value: this.sumMs / 1000 };
    const count = { metricName: `${metric.name}_count`, labels: {}, value: total };
    return { ...metric, values: [...buckets, sum, count] };
  }

  /** What a registry calls for text, where there is one, instead of `get`. */
  async getForPromString(): ReturnType<Histogram['get']> {
    return this.get();
  }
}
