import type { FastifyInstance } from 'fastify';
import { attribute, membersOf, pathParameter } from './attributes.ts';
import { applicationOf } from './applications.ts';
import { whoAsks } from './authentication.ts';
import type { InternalDeps } from './deps.ts';
import { badRequest, notFound } from './errors.ts';
import { toJson } from './json.ts';

export function referrerFilterRoutes(server: FastifyInstance, deps: InternalDeps): void {
  const { referrerFilters } = deps.configuration;
  const path = '/services/:service/applications/:application/referrer_filters';

  server.get(path, async (request) => {
    const filters = await referrerFilters.list(applicationOf(request));
    if (filters === null) throw notFound('application not found');
    return toJson({ status: 'found', referrer_filters: filters });
  });

  server.post(path, async (request, reply) => {
    const ref = applicationOf(request);
    const filter = attribute(membersOf(request), 'referrer_filter') ?? '';
    if ((await deps.configuration.applications.get(ref)) === null) throw notFound('application not found');
    if (filter.trim() === '') throw badRequest("referrer filter can't be blank");
    if ((await referrerFilters.add(whoAsks(request), ref, filter)) === false) {
      throw badRequest('the application has too many referrer filters');
    }
    void reply.code(201);
    return toJson({ status: 'created', referrer_filter: filter });
  });

  server.delete(`${path}/:filter`, async (request) => {
    const ref = applicationOf(request);
    const given = pathParameter(request, 'filter');
    const filters = await referrerFilters.list(ref);
    if (filters === null) throw notFound('application not found');
    const decoded = Buffer.from(given, 'base64url').toString('utf8');
    await referrerFilters.delete(whoAsks(request), ref, filters.includes(decoded) ? decoded : given);
    return toJson({ status: 'deleted' });
  });
}
