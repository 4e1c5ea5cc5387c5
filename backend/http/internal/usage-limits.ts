import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isPeriod } from '../../../shared/period.ts';
import type { LimitRef } from '../../configuration/repositories/usage-limits.ts';
import { readLimitValue } from '../../configuration/records/plan.ts';
import { isObject } from '../../configuration/records/fields.ts';
import { attribute, membersOf, pathParameter } from './attributes.ts';
import { whoAsks } from './authentication.ts';
import type { InternalDeps } from './deps.ts';
import { exactInteger } from './json-body.ts';
import { InternalError, badRequest, notFound } from './errors.ts';
import type { Answer } from './json.ts';
import { toJson } from './json.ts';

export function usageLimitRoutes(server: FastifyInstance, deps: InternalDeps): void {
  const { usageLimits } = deps.configuration;
  const path = '/services/:service/plans/:plan/usagelimits/:metric/:period';

  server.get(path, async (request) => {
    const ref = limitOf(request);
    const value = ref === null ? null : await usageLimits.get(ref);
    if (value === null) throw notFound('usagelimit not found');
    return toJson({ status: 'found', usagelimit: shown(request, value) });
  });

  server.put(path, async (request) => {
    const period = pathParameter(request, 'period');
    const limits = membersOf(request)['usagelimit'];
    if (!isObject(limits)) throw new InternalError(400, { status: 'error', error: "invalid parameter 'usagelimit'" });
    const value = limits[period] ?? null;
    const text = exactInteger(request, period) ?? attribute(limits, period);
    if (value === null || text === undefined) {
      throw new InternalError(400, { status: 'error', error: `missing parameter '${period}'` });
    }
    const ref = limitOf(request);
    const saved = ref === null || (await usageLimits.save(whoAsks(request), ref, readLimitValue(text)));
    if (!saved) throw badRequest('the plan has too many usage limits');
    return toJson({ status: 'modified', usagelimit: shown(request, value) });
  });

  server.delete(path, async (request) => {
    const ref = limitOf(request);
    if (ref !== null) await usageLimits.delete(whoAsks(request), ref);
    return toJson({ status: 'deleted' });
  });
}

/** Null for a period that does not exist: the contract takes it and stores nothing. */
function limitOf(request: FastifyRequest): LimitRef | null {
  const period = pathParameter(request, 'period');
  if (!isPeriod(period)) return null;
  const [service, plan, metric] = ['service', 'plan', 'metric'].map((name) => pathParameter(request, name));
  return { service: service ?? '', plan: plan ?? '', metric: metric ?? '', period };
}

function shown(request: FastifyRequest, value: Answer): Answer {
  return {
    service_id: pathParameter(request, 'service'),
    plan_id: pathParameter(request, 'plan'),
    metric_id: pathParameter(request, 'metric'),
    [pathParameter(request, 'period')]: value,
  };
}
