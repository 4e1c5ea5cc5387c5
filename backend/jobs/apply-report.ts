import { applyParts, partsOf, placeInOrder } from '../batches/parts.ts';
import type { AppliedBatch, BatchIdentity } from '../batches/parts.ts';
import type { IntegrationErrors } from '../integration-errors.ts';
import type { BatchEntry, Counters } from '../store/store.ts';

/** Code of the integration error of an entry that the store could not count (a counter would leave 64 bits, for one). */
const NOT_COUNTED = 'usage_not_counted';

export interface ApplyDeps {
  readonly counters: Counters;
  readonly errors: IntegrationErrors;
}

/** Applies an accepted report, once however often it is called. What cannot be counted is stored for the provider to see. */
export async function applyReport(
  deps: ApplyDeps,
  identity: BatchIdentity,
  entries: readonly BatchEntry[],
): Promise<AppliedBatch> {
  const applied = await applyParts(deps.counters, partsOf(identity, placeInOrder(entries, deps.counters)));
  for (const { origin, reason } of applied.setAside) {
    const entry = entries[origin];
    if (entry !== undefined) await deps.errors.record(entry.service, { code: NOT_COUNTED, message: reason });
  }
  return applied;
}
