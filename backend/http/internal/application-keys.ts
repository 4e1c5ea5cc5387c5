import type { FastifyInstance } from 'fastify';
import { isObject } from '../../configuration/records/fields.ts';
import type { JsonObject } from '../../configuration/records/fields.ts';
import { attribute, membersOf, pathParameter } from './attributes.ts';
import { applicationOf } from './applications.ts';
import { whoAsks } from './authentication.ts';
import type { InternalDeps } from './deps.ts';
import { badRequest, notFound } from './errors.ts';
import { toJson } from './json.ts';

/** How long the other keys stay valid after a rotation, ms. */
const DEFAULT_OVERLAP = 86_400_000;

/** Ours: the member `expires_in`, seconds; as ms. */
function lifetimeOf(members: JsonObject): number | null {
  const seconds = members['expires_in'];
  if (seconds === undefined || seconds === null) return null;
  if (typeof seconds === 'number' && Number.isFinite(seconds) && seconds >= 0) return seconds * 1000;
  throw badRequest('expires_in is a number of seconds');
}

export function applicationKeyRoutes(server: FastifyInstance, deps: InternalDeps): void {
  const { applicationKeys } = deps.configuration;
  const path = '/services/:service/applications/:application/keys/';

  server.get(path, async (request) => {
    const ref = applicationOf(request);
    const keys = await applicationKeys.list(ref);
    if (keys === null) throw notFound('application not found');
    const shown = keys.map((value) => ({ service_id: ref.service, app_id: ref.application, value }));
    return toJson({ status: 'found', application_keys: shown });
  });

  server.post(path, async (request, reply) => {
    const ref = applicationOf(request);
    const members = membersOf(request)['application_key'];
    const value = isObject(members) ? attribute(members, 'value') : undefined;
    const lifetime = lifetimeOf(isObject(members) ? members : {});
    const expires = lifetime === null ? null : deps.clock.now() + lifetime;
    const key = value === undefined || value === '' ? null : value;
    const added = await applicationKeys.add(whoAsks(request), ref, key, expires);
    if (added === null) throw notFound('application not found');
    if (!added.added) throw badRequest('the application has too many keys');
    void reply.code(201);
    return toJson({ status: 'created', application_key: { app_id: ref.application, value: added.key } });
  });

  server.post(`${path}rotate`, async (request, reply) => {
    const ref = applicationOf(request);
    const lifetime = lifetimeOf(membersOf(request)) ?? DEFAULT_OVERLAP;
    const expires = deps.clock.now() + lifetime;
    const value = await applicationKeys.rotate(whoAsks(request), ref, expires);
    if (value === null) throw notFound('application not found');
    void reply.code(201);
    const others = new Date(expires).toISOString();
    return toJson({ status: 'created', application_key: { app_id: ref.application, value }, others_expire: others });
  });

  server.delete(`${path}:key`, async (request) => {
    const deleted = await applicationKeys.delete(
      whoAsks(request),
      applicationOf(request),
      pathParameter(request, 'key'),
    );
    if (deleted === null) throw notFound('application not found');
    if (!deleted) throw notFound('application key not found');
    return toJson({ status: 'deleted' });
  });
}
