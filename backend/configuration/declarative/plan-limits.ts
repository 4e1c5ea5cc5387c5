import type { LimitRecord } from '../records/plan.ts';
import type { LimitRef } from '../repositories/usage-limits.ts';
import type { PlanContext, PlannedChange } from './change.ts';
import { declaredMetrics } from './plan-metrics.ts';
import type { DeclaredService } from './schema.ts';

export async function planLimits(declared: DeclaredService, context: PlanContext): Promise<readonly PlannedChange[]> {
  const { metrics, usageLimits } = context.configuration;
  const service = declared.id;
  const named = declared.metrics === undefined ? await metrics.list(service) : declaredMetrics(declared);
  const ids = new Map(named.map(({ id, name }) => [name, id]));
  const names = new Map(named.map(({ id, name }) => [id, name]));
  const changes: PlannedChange[] = [];
  for (const { id: plan, limits } of declared.plans ?? []) {
    const current = await usageLimits.list(service, plan);
    const wanted = limits.map(({ metric, period, max }) => ({
      metric: ids.get(metric) ?? metric,
      period,
      max: BigInt(max),
    }));
    for (const limit of wanted) {
      const ref: LimitRef = { service, plan, metric: limit.metric, period: limit.period };
      const before = current.find((candidate) => isSame(candidate, limit))?.max;
      if (before === limit.max) continue;
      const text = `limit ${service}/${plan} ${names.get(limit.metric) ?? limit.metric} per ${limit.period}`;
      const run = (who: string) => usageLimits.save(who, ref, limit.max);
      if (before === undefined) changes.push({ sign: '+', text: `${text}: ${limit.max}`, run });
      else changes.push({ sign: '~', text: `${text}: ${before} → ${limit.max}`, run });
    }
    for (const limit of context.prune ? current : []) {
      if (wanted.some((candidate) => isSame(candidate, limit))) continue;
      const ref: LimitRef = { service, plan, metric: limit.metric, period: limit.period };
      const text = `limit ${service}/${plan} ${names.get(limit.metric) ?? limit.metric} per ${limit.period}`;
      changes.push({ sign: '-', text, run: (who) => usageLimits.delete(who, ref) });
    }
  }
  return changes;
}

function isSame(a: LimitRecord, b: LimitRecord): boolean {
  return a.metric === b.metric && a.period === b.period;
}
