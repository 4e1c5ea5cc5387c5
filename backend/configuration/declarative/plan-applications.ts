import type { ApplicationRef } from '../../store/store.ts';
import type { ApplicationRecord } from '../records/application.ts';
import { differences } from './change.ts';
import type { PlanContext, PlannedChange } from './change.ts';
import { planKeys } from './plan-keys.ts';
import type { DeclaredApplication, DeclaredService } from './schema.ts';

export async function planApplications(
  declared: DeclaredService,
  context: PlanContext,
): Promise<readonly PlannedChange[]> {
  if (declared.applications === undefined) return [];
  const { applications } = context.configuration;
  const changes: PlannedChange[] = [];
  for (const application of declared.applications) {
    const ref = { service: declared.id, application: application.id };
    const current = await applications.get(ref);
    changes.push(...planRecord(ref, application, current, declared, context));
    changes.push(...(await planKeys(ref, application, current, context)));
  }
  if (!context.prune) return changes;
  const kept = new Set(declared.applications.map(({ id }) => id));
  for await (const id of applications.ids(declared.id)) {
    if (kept.has(id)) continue;
    const ref = { service: declared.id, application: id };
    const text = `application ${declared.id}/${id}`;
    changes.push({ sign: '-', text, run: (who) => applications.delete(who, ref) });
  }
  return changes;
}

function planRecord(
  ref: ApplicationRef,
  application: DeclaredApplication,
  current: ApplicationRecord | null,
  declared: DeclaredService,
  context: PlanContext,
): readonly PlannedChange[] {
  const plan = declared.plans?.find(({ id }) => id === application.plan);
  const changes = {
    state: application.state ?? (current === null ? 'active' : undefined),
    planId: application.plan,
    planName: plan?.name ?? (current === null ? application.plan : undefined),
    redirectUrl: application.redirectUrl,
  };
  const text = `application ${ref.service}/${ref.application}`;
  const run = (who: string) => context.configuration.applications.save(who, ref, changes);
  if (current === null) return [{ sign: '+', text, run }];
  const { state, planId, planName, redirectUrl } = current;
  const different = differences({ state, planId, planName, redirectUrl }, changes);
  return different.length === 0 ? [] : [{ sign: '~', text: `${text} ${different.join(', ')}`, run }];
}
