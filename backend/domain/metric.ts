/** A metric or method of a service. Its usage adds to all of its ancestors. */
export interface Metric {
  readonly id: string;
  readonly name: string;
  readonly parent: Metric | null;
  /** This metric, its parent, and so on up to the root. */
  readonly chain: readonly Metric[];
  /** Direct children. */
  readonly children: readonly Metric[];
}

export interface MetricRecord {
  readonly id: string;
  readonly name: string;
  readonly parentId: string | null;
}

/** The metrics of a service with their hierarchy, of any depth. */
export class MetricTable {
  readonly #byName = new Map<string, Metric>();
  readonly #byId = new Map<string, Metric>();
  readonly #children = new Map<string, Metric[]>();

  /**
   * A parent that is not among the records counts as none. Of parents that form a circle the link that would close it
   * is left out, so that every chain ends. Of two metrics with one name the later one has it.
   */
  constructor(records: Iterable<MetricRecord>) {
    const sources = new Map<string, MetricRecord>();
    for (const record of records) sources.set(record.id, record);
    for (const record of sources.values()) {
      const metric = this.#build(record, sources, new Set());
      this.#byName.set(metric.name, metric);
    }
  }

  named(name: string): Metric | undefined {
    return this.#byName.get(name);
  }

  get(id: string): Metric | undefined {
    return this.#byId.get(id);
  }

  all(): Iterable<Metric> {
    return this.#byId.values();
  }

  #build(record: MetricRecord, sources: ReadonlyMap<string, MetricRecord>, below: Set<string>): Metric {
    const built = this.#byId.get(record.id);
    if (built !== undefined) return built;
    below.add(record.id);
    const source = record.parentId === null || below.has(record.parentId) ? undefined : sources.get(record.parentId);
    const parent = source === undefined ? null : this.#build(source, sources, below);
    const chain: Metric[] = [];
    const metric: Metric = { id: record.id, name: record.name, parent, chain, children: this.#childrenOf(record.id) };
    chain.push(metric, ...(parent?.chain ?? []));
    this.#byId.set(record.id, metric);
    if (parent !== null) this.#childrenOf(parent.id).push(metric);
    return metric;
  }

  #childrenOf(id: string): Metric[] {
    const known = this.#children.get(id);
    if (known !== undefined) return known;
    const children: Metric[] = [];
    this.#children.set(id, children);
    return children;
  }
}
