import type { CredentialSettings } from './service.ts';
import type { ServiceConfiguration } from './service-schema.ts';

const DEFAULT_PLACES = ['query', 'header', 'basic'] as const;

/** Completes what the file says of a service's credentials; `{}` gives the defaults. */
export function credentialSettings(configured: NonNullable<ServiceConfiguration['credentials']>): CredentialSettings {
  const { userKey = 'user_key', appId = 'app_id', appKey = 'app_key', kinds = ['user_key', 'app_id'] } = configured;
  return Object.freeze({
    places: Object.freeze([...(configured.in ?? DEFAULT_PLACES)]),
    kinds: kinds.length > 1 ? 'both' : (kinds[0] ?? 'both'),
    userKey,
    appId,
    appKey,
    headers: Object.freeze({ userKey: spellings(userKey), appId: spellings(appId), appKey: spellings(appKey) }),
  });
}

/** As a header field a name may be written with `-` or with `_`. */
function spellings(name: string): readonly string[] {
  const lower = name.toLowerCase();
  return Object.freeze([...new Set([lower.replaceAll('_', '-'), lower.replaceAll('-', '_')])]);
}
