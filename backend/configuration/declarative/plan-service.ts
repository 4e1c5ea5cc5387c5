import { differences } from './change.ts';
import type { PlanContext, PlannedChange } from './change.ts';
import type { DeclaredService } from './schema.ts';

/** The service itself, with its tokens and alert limits. Tokens are never taken away: the store cannot list them. */
export async function planService(declared: DeclaredService, context: PlanContext): Promise<readonly PlannedChange[]> {
  const { services, serviceTokens } = context.configuration;
  const current = await services.get(declared.id);
  const changes: PlannedChange[] = [];
  const save = (who: string) =>
    services.save(who, declared.id, {
      active: declared.state === undefined ? undefined : declared.state === 'active',
      providerKey: declared.providerKey,
      backendVersion: declared.backendVersion,
      referrerFiltersRequired: declared.referrerFiltersRequired,
      defaultService: declared.default,
    });
  if (current === null) {
    changes.push({ sign: '+', text: `service ${declared.id}`, run: save });
  } else {
    const different = differences(
      {
        state: current.active ? 'active' : 'suspended',
        backendVersion: current.backendVersion,
        referrerFiltersRequired: current.referrerFiltersRequired,
        default: current.defaultService,
      },
      {
        state: declared.state,
        backendVersion: declared.backendVersion,
        referrerFiltersRequired: declared.referrerFiltersRequired,
        default: declared.default,
      },
    );
    const keyChanges = declared.providerKey !== undefined && declared.providerKey !== current.providerKey;
    const all = keyChanges ? [...different, 'another provider key'] : different;
    if (all.length > 0) changes.push({ sign: '~', text: `service ${declared.id} ${all.join(', ')}`, run: save });
  }
  for (const [i, token] of (declared.tokens ?? []).entries()) {
    const pair = { token, service: declared.id };
    if (await serviceTokens.has(pair)) continue;
    const text = `service token ${i + 1} of ${declared.id}`;
    changes.push({ sign: '+', text, run: (who) => serviceTokens.save(who, [pair]) });
  }
  return [...changes, ...(await planAlertLimits(declared, context))];
}

async function planAlertLimits(declared: DeclaredService, context: PlanContext): Promise<readonly PlannedChange[]> {
  const { alertLimits } = context.configuration;
  if (declared.alertLimits === undefined) return [];
  const wanted: readonly number[] = declared.alertLimits;
  const current = await alertLimits.list(declared.id);
  const changes: PlannedChange[] = [];
  for (const percent of wanted) {
    if (current.includes(percent)) continue;
    const text = `alert limit ${declared.id} ${percent} %`;
    changes.push({ sign: '+', text, run: (who) => alertLimits.add(who, declared.id, percent) });
  }
  for (const percent of context.prune ? current : []) {
    if (wanted.includes(percent)) continue;
    const text = `alert limit ${declared.id} ${percent} %`;
    changes.push({ sign: '-', text, run: (who) => alertLimits.delete(who, declared.id, percent) });
  }
  return changes;
}
