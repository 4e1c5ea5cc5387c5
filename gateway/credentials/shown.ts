import type { CredentialFault, FoundCredentials } from './found.ts';
import type { CredentialPlace, CredentialSettings } from '../config/service.ts';
import { MALFORMED } from '../parameters.ts';
import type { Decoded } from '../parameters.ts';

/** Longest key or id that can be one, characters: keeps what is remembered about callers small. */
const MAX_LENGTH = 1024;

const USER_KEY = 1;
const APP_ID = 2;
const APP_KEY = 4;

/** What one place of a request shows. Empty values count as absent, but also twice is twice. */
export class Shown {
  userKey: string | null = null;
  appId: string | null = null;
  appKey: string | null = null;
  /** Something was shown twice or cannot be a credential. */
  fault = false;
  private seen = 0;

  get nothing(): boolean {
    return this.userKey === null && this.appId === null && this.appKey === null && !this.fault;
  }

  showUserKey(value: Decoded): void {
    this.once(USER_KEY);
    this.userKey = this.accept(value);
  }

  showAppId(value: Decoded): void {
    this.once(APP_ID);
    this.appId = this.accept(value);
  }

  showAppKey(value: Decoded): void {
    this.once(APP_KEY);
    this.appKey = this.accept(value);
  }

  private once(bit: number): void {
    if ((this.seen & bit) !== 0) this.fault = true;
    this.seen |= bit;
  }

  private accept(value: Decoded): string | null {
    if (value === '') return null;
    if (value !== MALFORMED && canBeCredential(value)) return value;
    this.fault = true;
    return null;
  }
}

/** Without surrounding white space (which a backend might strip, and so take one key for another) and control characters. */
function canBeCredential(value: string): boolean {
  if (value.length > MAX_LENGTH) return false;
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    if (code <= 0x20 || code >= 0x7f) return isUnusual(value);
  }
  return true;
}

function isUnusual(value: string): boolean {
  return value === value.trim() && !/[\u0000-\u001f\u007f-\u009f]/.test(value);
}

export function credentialsOf(
  shown: Shown,
  kinds: CredentialSettings['kinds'],
  place: CredentialPlace,
): FoundCredentials | CredentialFault {
  const { userKey, appId, appKey } = shown;
  if (shown.fault) return 'invalid';
  if (kinds !== 'app_id' && userKey !== null) {
    if (kinds === 'both' && appId !== null) return 'invalid';
    return { kind: 'user_key', userKey, place };
  }
  if (kinds === 'user_key' || appId === null || appKey === null) return 'missing';
  return { kind: 'app_id', appId, appKey, place };
}
