import type { FastifyInstance } from 'fastify';
import { isList, isObject } from '../../configuration/records/fields.ts';
import type { TokenPair } from '../../configuration/repositories/service-tokens.ts';
import type { Json } from '../../store/store.ts';
import { attribute, membersOf, pathParameter } from './attributes.ts';
import { whoAsks } from './authentication.ts';
import type { InternalDeps } from './deps.ts';
import { InternalError, badRequest, notFound } from './errors.ts';
import { toJson } from './json.ts';

export function serviceTokenRoutes(server: FastifyInstance, deps: InternalDeps): void {
  const { serviceTokens, services } = deps.configuration;

  server.post('/service_tokens/', async (request, reply) => {
    const pairs = pairsToSave(membersOf(request)['service_tokens']);
    await serviceTokens.save(whoAsks(request), pairs);
    void reply.code(201);
    return toJson({ status: 'created' });
  });

  server.delete('/service_tokens/', async (request) => {
    const pairs = pairsToDelete(membersOf(request)['service_tokens']);
    return toJson({ status: 'deleted', count: await serviceTokens.delete(whoAsks(request), pairs) });
  });

  server.head('/service_tokens/:token/:service/', async (request, reply) => {
    const pair = { token: pathParameter(request, 'token'), service: pathParameter(request, 'service') };
    return reply.code((await serviceTokens.has(pair)) ? 200 : 404).send('');
  });

  server.get('/service_tokens/:token/:service/provider_key', async (request) => {
    const pair = { token: pathParameter(request, 'token'), service: pathParameter(request, 'service') };
    if (!(await serviceTokens.has(pair))) throw notFound('token/service combination not found');
    const service = await services.get(pair.service);
    return toJson({ status: 'found', provider_key: service?.providerKey ?? null });
  });
}

/** Nothing is saved when one of them is not valid. */
function pairsToSave(tokens: Json | undefined): readonly TokenPair[] {
  if (!isObject(tokens)) throw badRequest("missing parameter 'service_tokens'");
  return Object.entries(tokens).map(([token, info]) => {
    const service = isObject(info) ? (attribute(info, 'service_id') ?? '') : '';
    if (token === '') throw new InternalError(422, { status: 'error', error: 'Service token cannot be blank' });
    if (service === '') throw new InternalError(422, { status: 'error', error: 'Service ID cannot be blank' });
    return { token, service };
  });
}

function pairsToDelete(tokens: Json | undefined): readonly TokenPair[] {
  if (!isList(tokens)) throw badRequest("missing parameter 'service_tokens'");
  return tokens.flatMap((item) => {
    if (!isObject(item)) return [];
    return [{ token: attribute(item, 'service_token') ?? '', service: attribute(item, 'service_id') ?? '' }];
  });
}
