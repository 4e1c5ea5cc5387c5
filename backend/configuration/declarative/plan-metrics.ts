import type { MetricRecord } from '../../domain/metric.ts';
import { differences } from './change.ts';
import type { PlanContext, PlannedChange } from './change.ts';
import type { DeclaredService } from './schema.ts';

/** The metrics as they are declared, with ids; parents before their children. */
export function declaredMetrics(declared: DeclaredService): readonly MetricRecord[] {
  const metrics = declared.metrics ?? [];
  const ids = new Map(metrics.map(({ name, id }) => [name, id ?? name]));
  return metrics.map(({ name, id, parent }) => ({
    id: id ?? name,
    name,
    parentId: parent === undefined ? null : (ids.get(parent) ?? null),
  }));
}

export async function planMetrics(declared: DeclaredService, context: PlanContext): Promise<readonly PlannedChange[]> {
  if (declared.metrics === undefined) return [];
  const { metrics } = context.configuration;
  const service = declared.id;
  const current = new Map((await metrics.list(service)).map((metric) => [metric.id, metric]));
  const wanted = declaredMetrics(declared);
  const changes: PlannedChange[] = [];
  for (const metric of wanted) {
    const before = current.get(metric.id);
    const run = (who: string) => metrics.save(who, service, metric);
    const text = `metric ${service}/${metric.name}`;
    if (before === undefined) {
      changes.push({ sign: '+', text, run });
      continue;
    }
    const different = differences(
      { name: before.name, parent: before.parentId },
      { name: metric.name, parent: metric.parentId },
    );
    if (different.length > 0) changes.push({ sign: '~', text: `${text} ${different.join(', ')}`, run });
  }
  const kept = new Set(wanted.map(({ id }) => id));
  for (const { id, name } of context.prune ? current.values() : []) {
    if (kept.has(id)) continue;
    changes.push({ sign: '-', text: `metric ${service}/${name}`, run: (who) => metrics.delete(who, service, id) });
  }
  return changes;
}
