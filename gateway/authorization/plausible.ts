import type { Credentials } from './authorizer.ts';

/** Longer credentials belong to nobody, characters. */
const MAX_CREDENTIAL = 1_024;

/** Can these credentials belong to anybody, as the 3scale contract goes? If not, nobody needs to be asked. */
export function isPlausible(credentials: Credentials): boolean {
  switch (credentials.kind) {
    case 'user_key':
      return credentials.userKey.length <= MAX_CREDENTIAL;
    case 'app_id':
      return credentials.appId.length <= MAX_CREDENTIAL && (credentials.appKey?.length ?? 0) <= MAX_CREDENTIAL;
    case 'token':
      // The 3scale contract has no way to report usage of a token.
      return false;
  }
}
