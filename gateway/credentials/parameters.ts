import type { CredentialSettings } from '../config/service.ts';
import { isName, nameEnd, valueEnd } from '../parameters.ts';
import { Shown } from './shown.ts';
import { writtenCredential } from './value.ts';

/** Credentials in a query or a form body. Names too are decoded once, so that an escaped one is no way to show two keys. */
export function readParameters(text: string, { kinds, userKey, appId, appKey }: CredentialSettings): Shown {
  const shown = new Shown();
  for (let start = 0; start < text.length;) {
    const end = nameEnd(text, start);
    const plainEnd = end < 0 ? ~end : end;
    const stop = valueEnd(text, plainEnd);
    if (kinds !== 'app_id' && isName(text, start, end, userKey)) {
      shown.showUserKey(writtenCredential(text, plainEnd + 1, stop));
    } else if (kinds !== 'user_key') {
      if (isName(text, start, end, appId)) shown.showAppId(writtenCredential(text, plainEnd + 1, stop));
      else if (isName(text, start, end, appKey)) shown.showAppKey(writtenCredential(text, plainEnd + 1, stop));
    }
    start = stop + 1;
  }
  return shown;
}
