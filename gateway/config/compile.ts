import type { RequestEdits, Upstream } from '../http1/contract.ts';
import { createServiceResponses } from '../respond.ts';
import { compileRules } from '../rules/compile.ts';
import type { CredentialSettings, Service } from './service.ts';
import type { ServiceSettings } from './service-settings.ts';

/** Compiles one service. Throws PatternError for a pattern that `check` would have refused. */
export function compileService(settings: ServiceSettings, upstream: Upstream): Service {
  const { id, tokenKind, token, credentials, backendDown, staleSeconds, encodedSlash, mergeSlashes } = settings;
  const edits = compileEdits(settings, settings.hideCredentials !== 'none' && usesOnlyBasic(credentials));
  return Object.freeze({
    id,
    tokenKind,
    token,
    credentials,
    rules: compileRules(settings.rules, { mergeSlashes }),
    upstream,
    edits,
    basicEdits: settings.hideCredentials === 'none' ? edits : compileEdits(settings, true),
    responses: createServiceResponses(settings.responses),
    backendDown,
    staleSeconds,
    encodedSlash,
    mergeSlashes,
    upgrades: new Set(settings.upgrades),
    maxBodyBytes: settings.maxBodyBytes,
  });
}

/** Then `Authorization: Basic` is always the caller's credential, never the app's own. */
function usesOnlyBasic(credentials: CredentialSettings): boolean {
  return credentials.places.every((place) => place === 'basic');
}

function compileEdits(settings: ServiceSettings, hideAuthorization: boolean): RequestEdits {
  const { credentials, hideCredentials, setHeaders } = settings;
  const drop = new Set([...setHeaders.map(([name]) => name), ...settings.removeHeaders].map(fieldName));
  const { headers, places } = credentials;
  if (hideCredentials !== 'none' && places.includes('header')) {
    for (const name of [...headers.userKey, ...headers.appId, ...headers.appKey]) drop.add(fieldName(name));
  }
  if (hideAuthorization) drop.add('authorization');
  const hidesQuery = hideCredentials === 'all' && places.includes('query');
  return Object.freeze({
    add: setHeaders.map(([name, value]) => `${name}: ${value.trim()}\r\n`).join(''),
    drop,
    host: settings.upstream.host,
    dropQuery: hidesQuery ? new Set([credentials.userKey, credentials.appId, credentials.appKey]) : null,
  });
}

function fieldName(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}
