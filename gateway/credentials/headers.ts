import type { CredentialSettings } from '../config/service.ts';
import type { CredentialSource } from './found.ts';
import { MALFORMED } from '../parameters.ts';
import type { Decoded } from '../parameters.ts';
import { Shown } from './shown.ts';
import { credential } from './value.ts';

/** Credentials in header fields. There are no escapes in a field, so none are decoded. */
export function readHeaders(source: CredentialSource, { kinds, headers }: CredentialSettings): Shown | null {
  const shown = new Shown();
  if (kinds !== 'app_id') {
    for (const name of headers.userKey) readField(source, name, shown, 'showUserKey');
  }
  if (kinds !== 'user_key') {
    for (const name of headers.appId) readField(source, name, shown, 'showAppId');
    for (const name of headers.appKey) readField(source, name, shown, 'showAppKey');
  }
  return shown;
}

function readField(
  source: CredentialSource,
  name: string,
  shown: Shown,
  show: 'showUserKey' | 'showAppId' | 'showAppKey',
): void {
  const value = source.header(name);
  if (value === null) return;
  if (source.headerCount(name) > 1) shown.spoil();
  shown[show](credential(decodeField(value)));
}

/** A field's octets came as latin1; those beyond ASCII are UTF-8. */
function decodeField(value: string): Decoded {
  if (/^[\u0000-\u007f]*$/.test(value)) return value;
  const octets = Buffer.from(value, 'latin1');
  const text = octets.toString('utf8');
  return Buffer.from(text).equals(octets) ? text : MALFORMED;
}
