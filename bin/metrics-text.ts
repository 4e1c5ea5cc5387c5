/** One line of a metrics page: labels and value. */
export interface Sample {
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

/** A metrics page in the Prometheus text format, by metric. Lines that are not samples are passed over. */
export class MetricsPage {
  readonly #samples = new Map<string, Sample[]>();

  constructor(text: string) {
    for (const line of text.split('\n')) this.#add(line);
  }

  /** The sum over all labels; null when the metric is not on the page. */
  sum(name: string): number | null {
    const samples = this.#samples.get(name);
    return samples === undefined ? null : samples.reduce((sum, sample) => sum + sample.value, 0);
  }

  /** The greatest value; null when the metric is not on the page. */
  max(name: string): number | null {
    const samples = this.#samples.get(name);
    return samples === undefined ? null : Math.max(...samples.map((sample) => sample.value));
  }

  /** Sums by the values of one label, in the order of the page. */
  by(name: string, label: string): ReadonlyMap<string, number> {
    const sums = new Map<string, number>();
    for (const { labels, value } of this.#samples.get(name) ?? []) {
      const key = labels.get(label) ?? '';
      sums.set(key, (sums.get(key) ?? 0) + value);
    }
    return sums;
  }

  #add(line: string): void {
    const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line);
    if (match === null) return;
    const [, name = '', labelText = '', number = ''] = match;
    const value = Number(number);
    if (Number.isNaN(value)) return;
    const pairs = labelText.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g);
    const labels = new Map(Array.from(pairs, ([, key = '', text = '']) => [key, text]));
    const samples = this.#samples.get(name);
    if (samples === undefined) this.#samples.set(name, [{ labels, value }]);
    else samples.push({ labels, value });
  }
}
