import { denials } from '../errors.ts';
import type { Denial } from '../errors.ts';
import type { Application } from '../model.ts';
import type { Presented } from './check.ts';

/** The OAuth endpoints serve OAuth services only. */
export function checkOauthEnabled(application: Application): Denial | null {
  return application.service.backendVersion === 'oauth' ? null : denials.oauthNotEnabled;
}

/** A redirect URL that is sent must be the application's, exactly; `redirect_url` goes before `redirect_uri`. */
export function checkRedirect(application: Application, presented: Presented): Denial | null {
  const stored = application.redirectUrl ?? '';
  const { redirectUrl, redirectUri } = presented;
  if (redirectUrl !== null && redirectUrl !== '') {
    return redirectUrl === stored ? null : denials.redirectUrlInvalid(redirectUrl);
  }
  if (redirectUri !== null && redirectUri !== '') {
    return redirectUri === stored ? null : denials.redirectUriInvalid(redirectUri);
  }
  return null;
}
