import type { FastifyInstance } from 'fastify';
import { isPossibleId } from '../../configuration/identifiers.ts';
import { isList, isObject, texts } from '../../configuration/records/fields.ts';
import type { JsonObject } from '../../configuration/records/fields.ts';
import type { ApplicationRef, Json } from '../../store/store.ts';
import { attribute, membersOf, pathParameter } from './attributes.ts';
import { whoAsks } from './authentication.ts';
import { changesOf, shown } from './applications.ts';
import type { InternalDeps } from './deps.ts';
import { InternalError } from './errors.ts';
import type { Answer } from './json.ts';
import { toJson } from './json.ts';

/** Saves many applications with their keys and filters; each succeeds or fails by itself. Nothing is taken away. */
export function applicationBatchRoutes(server: FastifyInstance, deps: InternalDeps): void {
  server.put('/services/:service/applications/batch', async (request) => {
    const { applications } = membersOf(request);
    if (!isList(applications)) {
      throw new InternalError(400, { status: 'error', error: "missing parameter 'applications'" });
    }
    const service = pathParameter(request, 'service');
    const results: BatchResult[] = [];
    for (const item of applications) results.push(await saveOne(whoAsks(request), service, item, deps));
    const failures = results.filter((result) => 'error' in result);
    return toJson({
      status: 'completed',
      total: results.length,
      successful: results.length - failures.length,
      failed: failures.length,
      applications: results.map((result) => ('error' in result ? { status: 'error', ...result } : { ...result })),
      ...(failures.length === 0 ? {} : { failures: failures.map((failure) => ({ ...failure })) }),
    });
  });
}

type BatchResult =
  | { readonly id: string | null; readonly error: string }
  | { readonly id: string; readonly status: string; readonly application: Answer };

async function saveOne(who: string, service: string, item: Json, deps: InternalDeps): Promise<BatchResult> {
  const attributes: JsonObject = isObject(item) ? item : {};
  const id = attribute(attributes, 'id') ?? null;
  if (id === null || id === '') return { id: null, error: 'Application has no id' };
  if (!isPossibleId(id)) return { id, error: 'Application has no valid id' };
  const ref = { service, application: id };
  if ((attribute(attributes, 'state') ?? '') === '') return { id, error: `Application with id="${id}" has no state` };
  const { status, application } = await deps.configuration.applications.save(who, ref, changesOf(ref, attributes));
  await saveKeys(who, ref, attributes, deps);
  return { id, status, application: shown(ref, application) };
}

async function saveKeys(who: string, ref: ApplicationRef, attributes: JsonObject, deps: InternalDeps): Promise<void> {
  const { userKeys, applicationKeys, referrerFilters } = deps.configuration;
  const userKey = attribute(attributes, 'user_key');
  if (userKey !== undefined && userKey !== '') await userKeys.save(who, ref, userKey);
  for (const key of texts(attributes['application_keys'])) if (key !== '') await applicationKeys.add(who, ref, key);
  for (const filter of texts(attributes['referrer_filters'])) {
    if (filter !== '') await referrerFilters.add(who, ref, filter);
  }
}
