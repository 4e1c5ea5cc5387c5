import type { CredentialSettings } from '../config/service.ts';
import { isName, nameEnd, valueEnd, valueOf } from '../parameters.ts';
import { Shown } from './shown.ts';

/** Credentials in a query or a form body. Names too are decoded once, so that an escaped one is no way to show two keys. */
export function readParameters(text: string, { kinds, userKey, appId, appKey }: CredentialSettings): Shown {
  const shown = new Shown();
  const wantsUserKey = kinds !== 'app_id';
  const wantsAppId = kinds !== 'user_key';
  for (let start = 0; start < text.length;) {
    const end = nameEnd(text, start);
    const plainEnd = end < 0 ? ~end : end;
    const stop = valueEnd(text, plainEnd);
    if (wantsUserKey && isName(text, start, end, userKey)) shown.showUserKey(valueOf(text, plainEnd, stop));
    else if (wantsAppId && isName(text, start, end, appId)) shown.showAppId(valueOf(text, plainEnd, stop));
    else if (wantsAppId && isName(text, start, end, appKey)) shown.showAppKey(valueOf(text, plainEnd, stop));
    start = stop + 1;
  }
  return shown;
}
