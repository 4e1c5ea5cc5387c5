import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import type { Metric } from 'prom-client';

/** Most values of a label that one metric keeps apart; further ones are counted as `other`. */
const MAX_LABELS = 100;

/** A count that only grows: a plain number, so that counting costs an addition. */
export interface Tally {
  count: number;
}

/** Counts by the value of one label, bounded. */
export interface LabelledTally {
  add(label: string, amount?: number): void;
  get(label: string): number;
}

/** The metrics of one process. Values are kept in plain numbers and turned into metrics when they are scraped. */
export class Metrics {
  readonly registry = new Registry();

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** `name` ends in `_total`. */
  tally(name: string, help: string): Tally {
    const tally: Tally = { count: 0 };
    this.#register(
      new Counter({
        name,
        help,
        registers: [],
        collect() {
          this.reset();
          this.inc(tally.count);
        },
      }),
    );
    return tally;
  }

  labelled(name: string, help: string, label: string): LabelledTally {
    const counts = new Map<string, number>();
    this.#register(
      new Counter({
        name,
        help,
        labelNames: [label],
        registers: [],
        collect() {
          this.reset();
          for (const [value, count] of counts) this.inc({ [label]: value }, count);
        },
      }),
    );
    return {
      add(value, amount = 1) {
        const key = counts.has(value) || counts.size < MAX_LABELS ? value : 'other';
        counts.set(key, (counts.get(key) ?? 0) + amount);
      },
      get: (value) => counts.get(value) ?? 0,
    };
  }

  /** `read` is called at each scrape; what it cannot say (null, or it throws) is left out of that scrape. */
  gauge(name: string, help: string, read: () => number | null | Promise<number | null>): void {
    this.#register(
      new Gauge({
        name,
        help,
        registers: [],
        async collect() {
          const value = await Promise.resolve()
            .then(read)
            .catch(() => null);
          if (value === null) this.remove();
          else this.set(value);
        },
      }),
    );
  }

  /** The text of a scrape. */
  async scrape(): Promise<{ readonly contentType: string; readonly body: string }> {
    return { contentType: this.registry.contentType, body: await this.registry.metrics() };
  }

  #register(metric: Metric): void {
    this.registry.registerMetric(metric);
  }
}
