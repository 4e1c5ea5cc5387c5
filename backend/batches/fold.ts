import { createHash } from 'node:crypto';
import type { BatchRequest } from '../../shared/wire/batches.ts';

/** Usage and answers of one owner in one minute: what becomes one entry of the store. */
export interface Group {
  readonly owner: number;
  readonly minute: number;
  /** Places in the request's `entries` and `codes`. */
  readonly entries: readonly number[];
  readonly codes: readonly number[];
}

/**
 * The groups of a batch, in the order in which they first appear. It depends on the batch alone, never on the
 * configuration, so that every delivery of a batch has the same groups in the same places.
 */
export function groupsOf(batch: BatchRequest): readonly Group[] {
  const groups: { owner: number; minute: number; entries: number[]; codes: number[] }[] = [];
  const known = new Map<number, Map<number, (typeof groups)[number]>>();
  const groupOf = (owner: number, minute: number): (typeof groups)[number] => {
    const minutes = known.get(owner) ?? new Map<number, (typeof groups)[number]>();
    known.set(owner, minutes);
    let group = minutes.get(minute);
    if (group === undefined) {
      group = { owner, minute, entries: [], codes: [] };
      minutes.set(minute, group);
      groups.push(group);
    }
    return group;
  };
  batch.entries.forEach((entry, index) => groupOf(entry.owner, entry.minute).entries.push(index));
  batch.codes.forEach((code, index) => groupOf(code.owner, code.minute).codes.push(index));
  return groups;
}

/** Digest of what a batch says: the same for every way of writing its JSON. */
export function digestOf(batch: BatchRequest): string {
  const content = [
    batch.owners.map(({ service, kind, id }) => [service, kind, id]),
    batch.entries.map(({ owner, metric, minute, use, take }) => [owner, metric, minute, use, take]),
    batch.codes.map(({ owner, minute, status, count }) => [owner, minute, status, count]),
  ];
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 32);
}
