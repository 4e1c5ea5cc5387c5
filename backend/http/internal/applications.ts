import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ApplicationRecord } from '../../configuration/records/application.ts';
import type { JsonObject } from '../../configuration/records/fields.ts';
import type { ApplicationChanges } from '../../configuration/repositories/applications.ts';
import type { ApplicationRef } from '../../store/store.ts';
import { attribute, pathParameter, wrapped } from './attributes.ts';
import { whoAsks } from './authentication.ts';
import type { InternalDeps } from './deps.ts';
import { InternalError, notFound } from './errors.ts';
import type { Answer } from './json.ts';
import { toJson } from './json.ts';

export function applicationRoutes(server: FastifyInstance, deps: InternalDeps): void {
  const { applications } = deps.configuration;
  const path = '/services/:service/applications/:application';

  server.get(path, async (request) => {
    const ref = applicationOf(request);
    const record = await applications.get(ref);
    if (record === null) throw notFound('application not found');
    return toJson({ status: 'found', application: shown(ref, record) });
  });

  server.post(path, async (request, reply) => {
    const ref = applicationOf(request);
    const changes = changesOf(ref, wrapped(request, 'application'));
    const { status, application } = await applications.save(whoAsks(request), ref, changes, { create: true });
    if (status === 'exists') {
      throw new InternalError(405, { status: 'exists', error: 'application cannot be created, exists already' });
    }
    void reply.code(201);
    return toJson({ status: 'created', application: shown(ref, application) });
  });

  server.put(path, async (request) => {
    const ref = applicationOf(request);
    const changes = changesOf(ref, wrapped(request, 'application'));
    const { status } = await applications.save(whoAsks(request), ref, changes);
    return toJson({ status, application: echoed(ref, changes) });
  });

  server.delete(path, async (request) => {
    if (!(await applications.delete(whoAsks(request), applicationOf(request)))) throw notFound('application not found');
    return toJson({ status: 'deleted' });
  });
}

export function applicationOf(request: FastifyRequest): ApplicationRef {
  return { service: pathParameter(request, 'service'), application: pathParameter(request, 'application') };
}

/** The attributes of the contract; others are ignored. Throws 400 without a state. */
export function changesOf(ref: ApplicationRef, attributes: JsonObject): ApplicationChanges {
  const state = attribute(attributes, 'state');
  if (state === undefined || state === '') {
    throw new InternalError(400, {
      status: 'bad_request',
      error: `Application with id="${ref.application}" has no state`,
    });
  }
  return {
    state,
    planId: attribute(attributes, 'plan_id'),
    planName: attribute(attributes, 'plan_name'),
    redirectUrl: attribute(attributes, 'redirect_url'),
  };
}

/** A change keeps what it does not name, but the contract's answer shows null for it. */
function echoed(ref: ApplicationRef, changes: ApplicationChanges): Answer {
  return {
    service_id: ref.service,
    id: ref.application,
    state: changes.state ?? null,
    plan_id: changes.planId ?? null,
    plan_name: changes.planName ?? null,
    redirect_url: changes.redirectUrl ?? null,
  };
}

export function shown(ref: ApplicationRef, record: ApplicationRecord): Answer {
  return {
    service_id: ref.service,
    id: ref.application,
    state: record.state,
    plan_id: record.planId,
    plan_name: record.planName,
    redirect_url: record.redirectUrl,
  };
}
