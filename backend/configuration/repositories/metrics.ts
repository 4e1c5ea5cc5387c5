import type { MetricRecord } from '../../domain/metric.ts';
import type { Documents } from '../../store/store.ts';
import type { AuditEntry } from '../audit.ts';
import { documentKeys } from '../document-keys.ts';
import { readMetrics, writeMetrics } from '../records/metrics.ts';
import { unchanged } from '../writer.ts';
import type { Writer } from '../writer.ts';

/** Metrics and methods of services. */
export class Metrics {
  readonly #documents: Documents;
  readonly #writer: Writer;

  constructor(documents: Documents, writer: Writer) {
    this.#documents = documents;
    this.#writer = writer;
  }

  async list(service: string): Promise<readonly MetricRecord[]> {
    return readMetrics(await this.#documents.get(documentKeys.metrics(service)));
  }

  async get(service: string, id: string): Promise<MetricRecord | null> {
    return (await this.list(service)).find((metric) => metric.id === id) ?? null;
  }

  async save(who: string, service: string, metric: MetricRecord): Promise<void> {
    await this.#writer.change<null>(who, [documentKeys.metrics(service)], ([value]) => {
      const records = readMetrics(value);
      const before = records.find(({ id }) => id === metric.id) ?? null;
      const after =
        before === null ? [...records, metric] : records.map((record) => (record.id === metric.id ? metric : record));
      return this.#writing(service, after, metricAudit('metric.save', service, before, metric), null);
    });
  }

  /** Its limits and counters stay, as the contract has it. False when there is none. */
  delete(who: string, service: string, id: string): Promise<boolean> {
    return this.#writer.change<boolean>(who, [documentKeys.metrics(service)], ([value]) => {
      const records = readMetrics(value);
      const before = records.find((record) => record.id === id);
      if (before === undefined) return unchanged(false);
      const after = records.filter((record) => record.id !== id);
      return this.#writing(service, after, metricAudit('metric.delete', service, before, null), true);
    });
  }

  #writing<T>(service: string, records: readonly MetricRecord[], audit: AuditEntry, result: T) {
    const writes = [{ key: documentKeys.metrics(service), value: writeMetrics(records) }];
    return { writes, changed: [{ service, application: '*' }], audit, result };
  }
}

function metricAudit(
  action: string,
  service: string,
  before: MetricRecord | null,
  after: MetricRecord | null,
): AuditEntry {
  const metric = before?.id ?? after?.id ?? '';
  return { action, subject: { service, metric }, before: before && { ...before }, after: after && { ...after } };
}
