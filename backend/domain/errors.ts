/**
 * Errors and denials of the 3scale contract (section 5). Codes, statuses and messages are the contract's own: clients
 * match on them, byte for byte. Ours outside of the contract are in shared/errors.ts.
 */
export interface ContractError {
  readonly kind: 'error';
  readonly code: string;
  /** HTTP status of the error document. */
  readonly status: number;
  readonly message: string;
}

/** Why an application may not make the call: 409, inside a status document; the code only in a header. */
export interface Denial {
  readonly kind: 'denial';
  readonly code: string;
  readonly message: string;
}

function error(code: string, status: number, message: string): ContractError {
  return { kind: 'error', code, status, message };
}

function denial(code: string, message: string): Denial {
  return { kind: 'denial', code, message };
}

export const contractErrors = {
  providerKeyOrServiceTokenRequired: error(
    'provider_key_or_service_token_required',
    403,
    'Provider key or service token are required',
  ),
  serviceIdMissing: error('service_id_missing', 422, 'Service ID is missing'),
  serviceTokenInvalid: (token: string, service: string) =>
    error('service_token_invalid', 403, `service token "${token}" or service id "${service}" is invalid`),
  providerKeyInvalidOrServiceMissing: (key: string) =>
    error('provider_key_invalid_or_service_missing', 403, `provider key "${key}" invalid and/or service ID missing`),
  providerKeyInvalid: (key: string) => error('provider_key_invalid', 403, `provider key "${key}" is invalid`),
  serviceIdInvalid: (service: string) => error('service_id_invalid', 403, `service id "${service}" is invalid`),
  applicationNotFound: (id: string) => error('application_not_found', 404, `application with id="${id}" was not found`),
  applicationIdMissing: error('application_not_found', 404, 'application id is missing'),
  authenticationError: error('authentication_error', 403, 'either app_id or user_key is allowed, not both'),
  userKeyInvalid: (key: string) => error('user_key_invalid', 403, `user key "${key}" is invalid`),
  userKeyMissing: error('user_key_invalid', 403, 'user key is missing'),
  metricInvalid: (name: string) => error('metric_invalid', 404, `metric "${name}" is invalid`),
  usageValueInvalid: (metric: string, value: string) =>
    error('usage_value_invalid', 403, `usage value "${value}" for metric "${metric}" is invalid`),
  usageValueEmpty: (metric: string) =>
    error('usage_value_invalid', 403, `usage value for metric "${metric}" can not be empty`),
  notValidData: error('not_valid_data', 422, 'all data must be valid UTF8'),
  badRequest: (detail?: string) =>
    error('bad_request', 400, detail ?? 'request contains syntax errors, should not be repeated without modification'),
  contentTypeInvalid: (type: string) => error('content_type_invalid', 400, `invalid Content-Type: ${type}`),
  transactionsIsBlank: error('transactions_is_blank', 400, 'transactions parameter is blank'),
  transactionsFormatInvalid: error('transactions_format_invalid', 400, 'transactions format is invalid'),
  transactionsHasNilTransaction: error('transactions_has_nil_transaction', 400, 'transactions has a nil transaction'),
  endUsersNoLongerSupported: error(
    'end_users_no_longer_supported',
    400,
    'End-users are no longer supported, do not specify the user_id parameter',
  ),
  timestampTooOld: error(
    'transaction_timestamp_too_old',
    403,
    'reporting transactions older than 86400 seconds is not allowed',
  ),
  timestampTooNew: error(
    'transaction_timestamp_too_new',
    403,
    'reporting transactions more than 3600 seconds in the future is not allowed',
  ),
} as const;

export const denials = {
  applicationKeyInvalid: (key: string) => denial('application_key_invalid', `application key "${key}" is invalid`),
  applicationKeyMissing: denial('application_key_invalid', 'application key is missing'),
  referrerNotAllowed: (referrer: string) => denial('referrer_not_allowed', `referrer "${referrer}" is not allowed`),
  referrerMissing: denial('referrer_not_allowed', 'referrer is missing'),
  applicationNotActive: denial('application_not_active', 'application is not active'),
  serviceNotActive: denial('service_not_active', 'service is not active'),
  limitsExceeded: denial('limits_exceeded', 'usage limits are exceeded'),
  oauthNotEnabled: denial('oauth_not_enabled', 'oauth is not enabled'),
  redirectUrlInvalid: (url: string) => denial('redirect_url_invalid', `redirect_url "${url}" is invalid`),
  redirectUriInvalid: (uri: string) => denial('redirect_uri_invalid', `redirect_uri "${uri}" is invalid`),
} as const;
