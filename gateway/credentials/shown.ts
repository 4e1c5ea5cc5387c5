import type { CredentialPlace, CredentialSettings } from '../config/service.ts';
import type { CredentialFault, FoundCredentials } from './found.ts';
import { INVALID } from './value.ts';

const USER_KEY = 1;
const APP_ID = 2;
const APP_KEY = 4;

type Value = string | null | typeof INVALID;

/** What one place of a request shows. Empty values count as absent, but also twice is twice. */
export class Shown {
  private userKey: string | null = null;
  private appId: string | null = null;
  private appKey: string | null = null;
  private seen = 0;
  private fault = false;

  get nothing(): boolean {
    return this.userKey === null && this.appId === null && this.appKey === null && !this.fault;
  }

  showUserKey(value: Value): void {
    this.see(USER_KEY, value === INVALID);
    this.userKey = value === INVALID ? null : value;
  }

  showAppId(value: Value): void {
    this.see(APP_ID, value === INVALID);
    this.appId = value === INVALID ? null : value;
  }

  showAppKey(value: Value): void {
    this.see(APP_KEY, value === INVALID);
    this.appKey = value === INVALID ? null : value;
  }

  /** It was shown in a form that can be no credential. */
  spoil(): void {
    this.fault = true;
  }

  /** Who that is. A user key beside an app_id is neither (3scale contract: `authentication_error`). */
  credentials(kinds: CredentialSettings['kinds'], place: CredentialPlace): FoundCredentials | CredentialFault {
    const { userKey, appId, appKey } = this;
    if (this.fault) return 'invalid';
    if (userKey !== null) return appId === null ? { kind: 'user_key', userKey, place } : 'invalid';
    if (kinds === 'user_key' || appId === null || appKey === null) return 'missing';
    return { kind: 'app_id', appId, appKey, place };
  }

  private see(bit: number, invalid: boolean): void {
    if (invalid || (this.seen & bit) !== 0) this.fault = true;
    this.seen |= bit;
  }
}
