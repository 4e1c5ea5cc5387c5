import { denials } from '../errors.ts';
import type { Denial } from '../errors.ts';
import type { Application } from '../model.ts';
import type { Presented } from './check.ts';

/** An application with keys must present one of them. Services with user keys have no application keys to check. */
export function checkApplicationKey(application: Application, presented: Presented, now: number): Denial | null {
  if (application.service.backendVersion === '1' || application.keys.count(now) === 0) return null;
  return checkPresented(application, presented.appKey ?? '', now);
}

/** OAuth: a key is checked only when it is sent, then also against an application that has none. */
export function checkOptionalApplicationKey(
  application: Application,
  presented: Presented,
  now: number,
): Denial | null {
  return presented.appKey === null ? null : checkPresented(application, presented.appKey, now);
}

function checkPresented(application: Application, key: string, now: number): Denial | null {
  if (application.keys.accepts(key, now)) return null;
  return key === '' ? denials.applicationKeyMissing : denials.applicationKeyInvalid(key);
}
