import type { CredentialPlace, CredentialSettings } from './config/service.ts';
import { readBasic } from './credentials/basic.ts';
import type { CredentialFault, CredentialSource, FoundCredentials } from './credentials/found.ts';
import { readHeaders } from './credentials/headers.ts';
import { readParameters } from './credentials/parameters.ts';
import type { Shown } from './credentials/shown.ts';

export type { CredentialFault, FoundCredentials } from './credentials/found.ts';

/**
 * Finds who calls: looks at the service's places in their order and takes the first that shows anything; the others
 * are not looked at. `form`: the body of a form request as latin1, if it was read.
 */
export function findCredentials(
  source: CredentialSource,
  settings: CredentialSettings,
  form: string | null,
): FoundCredentials | CredentialFault {
  for (const place of settings.places) {
    const shown = read(place, source, settings, form);
    if (shown !== null && !shown.nothing) return shown.credentials(settings.kinds, place);
  }
  return isAmbiguous(source.query, settings) ? 'invalid' : 'missing';
}

/** A credential behind a second `?`: who splits the target at its last one would find it, on another path. */
function isAmbiguous(query: string, { places, userKey, appId, appKey }: CredentialSettings): boolean {
  if (!places.includes('query') || !query.includes('?')) return false;
  return [userKey, appId, appKey].some((name) => query.includes(`?${name}=`));
}

function read(
  place: CredentialPlace,
  source: CredentialSource,
  settings: CredentialSettings,
  form: string | null,
): Shown | null {
  switch (place) {
    case 'query':
      return source.query === '' ? null : readParameters(source.query, settings);
    case 'form':
      return form === null ? null : readParameters(form, settings);
    case 'header':
      return readHeaders(source, settings);
    case 'basic':
      return readBasic(source, settings.kinds);
  }
}
