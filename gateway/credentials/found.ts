import type { Credentials } from '../authorization/authorizer.ts';
import type { CredentialPlace } from '../config/service.ts';
import type { Exchange } from '../http1/contract.ts';

/** Where they were found, for whoever hides them from the upstream. */
export type FoundCredentials = Credentials & { readonly place: CredentialPlace };

/**
 * Why a request has no usable credentials. `missing` (401): nothing was shown, or only empty values, or an app_id
 * without its app_key. `invalid` (403): shown twice, both ways at once, badly encoded, with white space around it or
 * control characters in it, or longer than any key is.
 */
export type CredentialFault = 'missing' | 'invalid';

export type CredentialSource = Pick<Exchange<unknown>, 'query' | 'header' | 'headerCount'>;
