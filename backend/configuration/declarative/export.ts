import type { Configuration } from '../configuration.ts';
import type { LimitRecord } from '../records/plan.ts';
import type { Declaration, DeclaredApplication, DeclaredService } from './schema.ts';

/**
 * What is stored, as a declaration that changes nothing when it is applied. Keys and tokens are left out: they would
 * lie around in plain text, and an absent list is left as it is.
 */
export async function exportDeclaration(configuration: Configuration): Promise<Declaration> {
  const services: DeclaredService[] = [];
  for await (const id of configuration.services.ids()) {
    const service = await exportService(configuration, id);
    if (service !== null) services.push(service);
  }
  return { services };
}

async function exportService(configuration: Configuration, id: string): Promise<DeclaredService | null> {
  const service = await configuration.services.get(id);
  if (service === null) return null;
  const records = await configuration.metrics.list(id);
  const names = new Map(records.map((metric) => [metric.id, metric.name]));
  const metrics = records.map(({ id: metric, name, parentId }) => {
    const parent = parentId === null ? undefined : names.get(parentId);
    return { ...(metric === name ? {} : { id: metric }), name, ...(parent === undefined ? {} : { parent }) };
  });
  const applications: DeclaredApplication[] = [];
  const planNames = new Map<string, string | null>();
  for await (const application of configuration.applications.ids(id)) {
    const exported = await exportApplication(configuration, { service: id, application }, planNames);
    if (exported !== null) applications.push(exported);
  }
  const version = service.backendVersion;
  return {
    id,
    state: service.active ? 'active' : 'suspended',
    ...(version === '1' || version === '2' || version === 'oauth' ? { backendVersion: version } : {}),
    referrerFiltersRequired: service.referrerFiltersRequired,
    ...(service.defaultService ? { default: true } : {}),
    metrics,
    plans: await exportPlans(configuration, id, names, planNames),
    applications,
  };
}

async function exportApplication(
  configuration: Configuration,
  ref: { readonly service: string; readonly application: string },
  planNames: Map<string, string | null>,
): Promise<DeclaredApplication | null> {
  const record = await configuration.applications.get(ref);
  if (record === null) return null;
  const { state, planId, planName, redirectUrl, referrerFilters } = record;
  if (planId !== null) planNames.set(planId, planName);
  return {
    id: ref.application,
    ...(state === 'active' || state === 'suspended' || state === 'pending' ? { state } : {}),
    ...(planId === null ? {} : { plan: planId }),
    ...(redirectUrl === null ? {} : { redirectUrl }),
    ...(referrerFilters.length === 0 ? {} : { referrerFilters: [...referrerFilters] }),
  };
}

/** Plans that have limits or applications. */
async function exportPlans(
  configuration: Configuration,
  service: string,
  metricNames: ReadonlyMap<string, string>,
  planNames: ReadonlyMap<string, string | null>,
): Promise<NonNullable<DeclaredService['plans']>> {
  const ids = new Set(planNames.keys());
  for await (const id of configuration.usageLimits.plans(service)) ids.add(id);
  const plans: NonNullable<DeclaredService['plans']> = [];
  for (const id of ids) {
    const limits = await configuration.usageLimits.list(service, id);
    const name = planNames.get(id) ?? null;
    const exported = limits.flatMap((limit) => exportLimit(limit, metricNames));
    plans.push({ id, ...(name === null ? {} : { name }), limits: exported });
  }
  return plans;
}

/** A limit of a metric that is gone cannot be declared; nor can one beyond 2^53. */
function exportLimit({ metric, period, max }: LimitRecord, names: ReadonlyMap<string, string>) {
  const name = names.get(metric);
  if (name === undefined || max < 0n || max > BigInt(Number.MAX_SAFE_INTEGER)) return [];
  return [{ metric: name, period, max: Number(max) }];
}
