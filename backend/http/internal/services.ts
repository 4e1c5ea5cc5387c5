import type { FastifyInstance } from 'fastify';
import type { JsonObject } from '../../configuration/records/fields.ts';
import type { SavedService, ServiceChanges, ServiceView } from '../../configuration/repositories/services.ts';
import { attribute, flagAttribute, membersOf, pathParameter, wrapped } from './attributes.ts';
import { whoAsks } from './authentication.ts';
import type { InternalDeps } from './deps.ts';
import { InternalError, badRequest, notFound } from './errors.ts';
import { isPossibleId } from '../../configuration/identifiers.ts';
import type { Answer } from './json.ts';
import { toJson } from './json.ts';

export function serviceRoutes(server: FastifyInstance, deps: InternalDeps): void {
  const { services } = deps.configuration;

  server.get('/services/:service', async (request) => {
    const service = await services.get(pathParameter(request, 'service'));
    if (service === null) throw new InternalError(404, { error: 'not_found' });
    return toJson({ status: 'found', service: shown(service) });
  });

  server.post('/services/', async (request, reply) => {
    const attributes = wrapped(request, 'service');
    const id = attribute(attributes, 'id') ?? '';
    if (!isPossibleId(id)) throw badRequest('the service has no valid id');
    const service = shown(required(await services.save(whoAsks(request), id, changesOf(attributes))));
    void reply.code(201);
    return toJson({ service, status: 'created' });
  });

  server.put('/services/:service', async (request) => {
    const changes = changesOf(wrapped(request, 'service'));
    const service = await services.save(whoAsks(request), pathParameter(request, 'service'), changes);
    return toJson({ service: shown(required(service)), status: 'ok' });
  });

  server.delete('/services/:service', async (request) => {
    const id = pathParameter(request, 'service');
    const outcome = await services.delete(whoAsks(request), id);
    if (outcome === 'default') throw badRequest(`Service id="${id}" is the default service, cannot be removed`);
    if (outcome === 'absent') throw notFound(`service id "${id}" is invalid`);
    return toJson({ status: 'deleted' });
  });
}

/** What concerns a whole provider, or the counters of a service. */
export function providerRoutes(server: FastifyInstance, deps: InternalDeps): void {
  const { services, providers } = deps.configuration;

  server.put('/services/change_provider_key/:key', async (request) => {
    const key = pathParameter(request, 'key');
    const newKey = attribute(membersOf(request), 'new_key') ?? '';
    if (newKey === '' || newKey === key) {
      throw badRequest('Provider keys are not valid, must be not nil and different');
    }
    const outcome = await providers.changeKey(whoAsks(request), key, newKey);
    if (outcome === 'exists') throw badRequest(`Provider key="${newKey}" already exists`);
    if (outcome === 'absent') throw badRequest(`Provider key="${key}" does not exist`);
    return toJson({ status: 'ok' });
  });

  server.delete('/services/:service/stats', async (request) => {
    const id = pathParameter(request, 'service');
    if ((await services.get(id)) === null) throw notFound('service not found');
    await deps.counters.remove(id, null);
    return toJson({ status: 'to_be_deleted' });
  });
}

/** Any state but `active` suspends; none leaves it as it is. */
function changesOf(attributes: JsonObject): ServiceChanges {
  const state = attribute(attributes, 'state');
  return {
    active: state === undefined ? undefined : state === 'active',
    providerKey: attribute(attributes, 'provider_key'),
    backendVersion: attribute(attributes, 'backend_version'),
    referrerFiltersRequired: flagAttribute(attributes, 'referrer_filters_required'),
    defaultService: flagAttribute(attributes, 'default_service'),
  };
}

function required(saved: SavedService): ServiceView {
  if (saved === 'provider key missing') throw badRequest('a new service needs a provider_key');
  return saved;
}

function shown(service: ServiceView): Answer {
  return {
    id: service.id,
    state: service.active ? 'active' : 'suspended',
    provider_key: service.providerKey,
    backend_version: service.backendVersion,
    referrer_filters_required: service.referrerFiltersRequired,
    default_service: service.defaultService,
  };
}
