import type { Denial } from '../errors.ts';
import type { Application } from '../model.ts';
import { checkApplicationKey, checkOptionalApplicationKey } from './application-key.ts';
import type { Check, Presented } from './check.ts';
import { checkOauthEnabled, checkRedirect } from './oauth.ts';
import { checkReferrer } from './referrer.ts';
import { checkApplicationState, checkServiceState } from './state.ts';

const NORMAL: readonly Check[] = [checkApplicationKey, checkReferrer, checkApplicationState, checkServiceState];

/** Normal endpoints on an OAuth service: the gateway has validated a token, the key is optional. */
const OPENID_CONNECT: readonly Check[] = [
  checkOptionalApplicationKey,
  checkReferrer,
  checkApplicationState,
  checkServiceState,
];

const OAUTH_ENDPOINT: readonly Check[] = [
  checkOauthEnabled,
  checkOptionalApplicationKey,
  checkRedirect,
  checkReferrer,
  checkApplicationState,
  checkServiceState,
];

/** Runs the checks that need no counter, in the contract's order (section 3); the first denial stands. */
export function firstDenial(
  application: Application,
  presented: Presented,
  oauthEndpoint: boolean,
  now: number,
): Denial | null {
  for (const check of checksOf(application, oauthEndpoint)) {
    const denial = check(application, presented, now);
    if (denial !== null) return denial;
  }
  return null;
}

function checksOf(application: Application, oauthEndpoint: boolean): readonly Check[] {
  if (oauthEndpoint) return OAUTH_ENDPOINT;
  return application.service.backendVersion === 'oauth' ? OPENID_CONNECT : NORMAL;
}
