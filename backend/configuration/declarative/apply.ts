import type { PlanContext, PlannedChange } from './change.ts';
import { planApplications } from './plan-applications.ts';
import { planLimits } from './plan-limits.ts';
import { planMetrics } from './plan-metrics.ts';
import { planService } from './plan-service.ts';
import type { Declaration } from './schema.ts';

/**
 * The steps from what is stored to what is declared, in the order in which they can be done: services, then metrics,
 * limits, applications and keys. None when everything is as declared.
 */
export async function planChanges(declaration: Declaration, context: PlanContext): Promise<readonly PlannedChange[]> {
  const changes: PlannedChange[] = [];
  for (const service of declaration.services) {
    changes.push(...(await planService(service, context)));
    changes.push(...(await planMetrics(service, context)));
    changes.push(...(await planLimits(service, context)));
    changes.push(...(await planApplications(service, context)));
  }
  return changes;
}

/** Runs the steps one after the other. One that fails ends it; running it all again goes on from there. */
export async function applyChanges(changes: readonly PlannedChange[], who: string): Promise<void> {
  for (const change of changes) await change.run(who);
}
