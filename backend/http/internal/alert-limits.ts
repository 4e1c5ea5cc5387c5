import type { FastifyInstance } from 'fastify';
import { isObject } from '../../configuration/records/fields.ts';
import { attribute, membersOf, pathParameter } from './attributes.ts';
import { whoAsks } from './authentication.ts';
import type { InternalDeps } from './deps.ts';
import { badRequest, notFound } from './errors.ts';
import { toJson } from './json.ts';

export function alertLimitRoutes(server: FastifyInstance, deps: InternalDeps): void {
  const { alertLimits } = deps.configuration;
  const path = '/services/:service/alert_limits/';

  server.get(path, async (request) => {
    const service = pathParameter(request, 'service');
    const limits = await alertLimits.list(service);
    return toJson({ status: 'found', alert_limits: limits.map((value) => ({ service_id: service, value })) });
  });

  server.post(path, async (request, reply) => {
    const service = pathParameter(request, 'service');
    const members = membersOf(request)['alert_limit'];
    const value = percent(isObject(members) ? attribute(members, 'value') : undefined);
    if (value === null || !(await alertLimits.add(whoAsks(request), service, value))) {
      throw badRequest('alert limit is invalid');
    }
    void reply.code(201);
    return toJson({ status: 'created', alert_limit: { service_id: service, value } });
  });

  server.delete(`${path}:value`, async (request) => {
    const value = percent(pathParameter(request, 'value'));
    const service = pathParameter(request, 'service');
    if (value === null || !(await alertLimits.delete(whoAsks(request), service, value))) {
      throw notFound('alert limit not found');
    }
    return toJson({ status: 'deleted' });
  });
}

function percent(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null;
}
