import { whenThere } from '../../configuration/cache.ts';
import type { Eventually } from '../../configuration/cache.ts';
import type { Lookup } from '../../configuration/lookup.ts';
import { contractErrors } from '../../domain/errors.ts';
import type { ContractError } from '../../domain/errors.ts';
import type { Application, Service } from '../../domain/model.ts';

export type FoundApplication = Application | ContractError;

/** The application of an authorize or authrep call (contract section 3, steps 6 to 9). */
export function findCaller(
  service: Service,
  credentials: { readonly appId: string | null; readonly userKey: string | null; readonly oauthEndpoint: boolean },
  lookup: Lookup,
): Eventually<FoundApplication> {
  const { appId, userKey, oauthEndpoint } = credentials;
  if (oauthEndpoint && appId === null) return contractErrors.applicationIdMissing;
  if (appId !== null && userKey !== null) return contractErrors.authenticationError;
  if (service.backendVersion === '1') return byUserKey(service.id, userKey, lookup);
  return appId === null ? contractErrors.applicationIdMissing : byId(service.id, appId, lookup);
}

/** The application of a reported transaction: by id or user key, whatever the service's version. */
export function findReported(
  service: string,
  credentials: { readonly appId: string | null; readonly userKey: string | null },
  lookup: Lookup,
): Eventually<FoundApplication> {
  const { appId, userKey } = credentials;
  if (appId !== null && userKey !== null) return contractErrors.authenticationError;
  if (appId !== null) return byId(service, appId, lookup);
  return userKey === null ? contractErrors.applicationIdMissing : byUserKey(service, userKey, lookup);
}

function byId(service: string, id: string, lookup: Lookup): Eventually<FoundApplication> {
  return whenThere(lookup.application(service, id), (found) => found ?? contractErrors.applicationNotFound(id));
}

function byUserKey(service: string, userKey: string | null, lookup: Lookup): Eventually<FoundApplication> {
  if (userKey === null) return contractErrors.userKeyMissing;
  return whenThere(lookup.applicationWith(service, userKey), (id) =>
    id === null ? contractErrors.userKeyInvalid(userKey) : byId(service, id, lookup),
  );
}
