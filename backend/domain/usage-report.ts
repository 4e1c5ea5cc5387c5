import type { Limit } from './model.ts';
import type { Metric } from './metric.ts';
import type { Usage } from './usage.ts';

/** What is used of one limit. */
export interface UsageReport {
  readonly limit: Limit;
  readonly metric: Metric;
  /** What is shown: with authrep this call's usage is in it. */
  readonly current: bigint;
  /** More was stored than the limit allows; this call's own usage does not count here. */
  readonly exceeded: boolean;
}

/**
 * Pairs limits with their stored values. `added`: the usage that the call added, null when it added none; a limit
 * whose metric is gone is left out.
 */
export function readReports(
  limits: readonly Limit[],
  values: readonly bigint[],
  added: Usage | null,
): readonly UsageReport[] {
  const reports: UsageReport[] = [];
  for (let i = 0; i < limits.length; i++) {
    const limit = limits[i];
    const stored = values[i];
    if (limit === undefined || limit.source === null || stored === undefined) continue;
    const metric = limit.source;
    reports.push({ limit, metric, current: after(stored, metric, added), exceeded: stored > limit.max });
  }
  return reports;
}

function after(stored: bigint, metric: Metric, added: Usage | null): bigint {
  const amount = added?.get(metric);
  if (amount === undefined) return stored;
  return amount.set ? amount.value : stored + amount.value;
}
