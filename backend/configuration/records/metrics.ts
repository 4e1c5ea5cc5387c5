import type { MetricRecord } from '../../domain/metric.ts';
import type { Json } from '../../store/store.ts';
import { isObject, text } from './fields.ts';

/** The metrics of a service, in the order in which they were made. */
export function readMetrics(value: Json | undefined): readonly MetricRecord[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: Json) => {
    const id = isObject(item) ? text(item, 'id') : null;
    if (!isObject(item) || id === null) return [];
    return [{ id, name: text(item, 'name') ?? '', parentId: text(item, 'parentId') }];
  });
}

export function writeMetrics(records: readonly MetricRecord[]): Json {
  return records.length === 0 ? null : records.map((record) => ({ ...record }));
}
