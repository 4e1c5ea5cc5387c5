import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isList } from '../../configuration/records/fields.ts';
import { leadingInteger, membersOf, pathParameter, queryParameter } from './attributes.ts';
import type { InternalDeps } from './deps.ts';
import { InternalError, badRequest, notFound } from './errors.ts';
import { toJson } from './json.ts';

const DEFAULT_PAGE_SIZE = 100;

export function integrationErrorRoutes(server: FastifyInstance, deps: InternalDeps): void {
  const { errors } = deps;
  const path = '/services/:service/errors/';

  const serviceOf = async (request: FastifyRequest): Promise<string> => {
    const service = pathParameter(request, 'service');
    if ((await deps.configuration.services.get(service)) === null) throw notFound('service not found');
    return service;
  };

  server.get(path, async (request) => {
    const service = await serviceOf(request);
    const size = queryParameter(request, 'per_page');
    const perPage = size === undefined ? DEFAULT_PAGE_SIZE : leadingInteger(size);
    if (perPage <= 0) throw badRequest('per_page needs to be > 0');
    const page = Math.max(1, leadingInteger(queryParameter(request, 'page') ?? 1));
    const listed = await errors.list(service, Math.min((page - 1) * perPage, Number.MAX_SAFE_INTEGER), perPage);
    const shown = listed.map((error) => ({ ...error, context_info: {} }));
    return toJson({ status: 'found', errors: shown, count: await errors.count(service) });
  });

  server.delete(path, async (request) => {
    await errors.clear(await serviceOf(request));
    return toJson({ status: 'deleted' });
  });

  if (!deps.testControl) return;
  server.post(path, async (request, reply) => {
    const service = await serviceOf(request);
    const messages = membersOf(request)['errors'];
    if (!isList(messages)) throw new InternalError(400, { status: 'error', error: "missing parameter 'errors'" });
    for (const message of messages) {
      await errors.record(service, { code: 'error', message: typeof message === 'string' ? message : '' });
    }
    void reply.code(201);
    return toJson({ status: 'created' });
  });
}
