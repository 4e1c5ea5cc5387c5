import type { CredentialSettings } from '../config/service.ts';
import type { CredentialSource } from './found.ts';
import { Shown } from './shown.ts';
import { credential } from './value.ts';

const BASIC = /^basic +([A-Za-z0-9+/]+={0,2})$/i;

/**
 * Credentials in `Authorization: Basic` (RFC 7617). A service of user keys takes the user, or the password when the
 * user is empty; one of app_id and app_key takes user and password; one of both takes a pair as app_id and app_key,
 * and a single value as a user key. Another scheme shows nothing: it is the app's.
 */
export function readBasic(source: CredentialSource, kinds: CredentialSettings['kinds']): Shown | null {
  const field = source.header('authorization');
  if (field === null || !/^basic(?: |$)/i.test(field)) return null;
  const shown = new Shown();
  const pair = decodePair(field);
  if (pair === null || source.headerCount('authorization') > 1) {
    shown.spoil();
    return shown;
  }
  const single = pair.user === '' || pair.password === '';
  if (kinds === 'user_key' || (kinds === 'both' && single)) {
    shown.showUserKey(credential(pair.user === '' ? pair.password : pair.user));
  } else {
    shown.showAppId(credential(pair.user));
    shown.showAppKey(credential(pair.password));
  }
  return shown;
}

/** Null when it is not the base64 of UTF-8 text with a colon. */
function decodePair(field: string): { user: string; password: string } | null {
  const encoded = BASIC.exec(field)?.[1];
  if (encoded === undefined) return null;
  const octets = Buffer.from(encoded, 'base64');
  const text = octets.toString('utf8');
  const colon = text.indexOf(':');
  if (colon === -1 || !Buffer.from(text).equals(octets) || !isCanonicalBase64(encoded, octets)) return null;
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** One credential has one spelling: unused bits of the last character are 0. Padding may be left out. */
function isCanonicalBase64(encoded: string, octets: Buffer): boolean {
  return octets.toString('base64').replace(/=+$/, '') === encoded.replace(/=+$/, '');
}
