import type { FastifyInstance } from 'fastify';
import { applicationOf } from './applications.ts';
import { pathParameter } from './attributes.ts';
import { whoAsks } from './authentication.ts';
import type { InternalDeps } from './deps.ts';
import { notFound } from './errors.ts';
import { toJson } from './json.ts';

export function userKeyRoutes(server: FastifyInstance, deps: InternalDeps): void {
  const { userKeys } = deps.configuration;

  server.get('/services/:service/applications/key/:key', async (request) => {
    const id = await userKeys.get(pathParameter(request, 'service'), pathParameter(request, 'key'));
    if (id === null) throw notFound('application key not found');
    return toJson({ status: 'found', application: { id } });
  });

  server.put('/services/:service/applications/:application/key/:key', async (request) => {
    const ref = applicationOf(request);
    await userKeys.save(whoAsks(request), ref, pathParameter(request, 'key'));
    return toJson({ status: 'modified', application: { id: ref.application } });
  });

  server.delete('/services/:service/applications/key/:key', async (request) => {
    await userKeys.delete(whoAsks(request), pathParameter(request, 'service'), pathParameter(request, 'key'));
    return toJson({ status: 'deleted' });
  });
}
