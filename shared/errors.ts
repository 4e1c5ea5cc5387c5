/**
 * The one registry of error codes. A code is stable: clients and operators match on it. What is public and what is
 * internal are apart: only `publicMessage` and a fault's own public detail reach a client.
 */
export interface ErrorEntry {
  /** Stable, snake_case. */
  readonly code: string;
  /** HTTP status of the answer. */
  readonly status: number;
  /** Who can do something about it. */
  readonly owner: ErrorOwner;
  /** True when the same request may be sent again without counting anything twice. */
  readonly retrySafe: boolean;
  /** One sentence for the caller: what is wrong, and where it helps what would be right. */
  readonly publicMessage: string;
}

export type ErrorOwner = 'client' | 'operator' | 'backend' | 'store' | 'gateway' | 'upstream';

/** A failure that belongs to the registry. Thrown; expected outcomes such as a denial are values, not faults. */
export class Fault extends Error {
  readonly entry: ErrorEntry;

  /** `publicDetail` replaces the registry's sentence in the answer; it must hold no secret. */
  constructor(entry: ErrorEntry, publicDetail: string = entry.publicMessage, options?: ErrorOptions) {
    super(publicDetail, options);
    this.name = 'Fault';
    this.entry = entry;
  }

  get code(): string {
    return this.entry.code;
  }
}

/** The body of every JSON error answer. */
export interface ErrorBody {
  readonly error: { readonly code: string; readonly message: string };
}

export function errorBody(entry: ErrorEntry, message: string = entry.publicMessage): ErrorBody {
  return { error: { code: entry.code, message } };
}

function entry(code: string, status: number, owner: ErrorOwner, retrySafe: boolean, publicMessage: string): ErrorEntry {
  return Object.freeze({ code, status, owner, retrySafe, publicMessage });
}

/** Answers of the backend outside of the 3scale contract, whose codes and texts are that contract's own. */
export const backendErrors = {
  badRequest: entry('bad_request', 400, 'client', true, 'the request is malformed'),
  unauthorized: entry('unauthorized', 401, 'client', true, 'a valid credential is required'),
  tooManyFailures: entry('too_many_failures', 429, 'client', true, 'too many wrong credentials; wait a minute'),
  bodyTooLarge: entry('body_too_large', 413, 'client', true, 'the body is larger than this path accepts'),
  unsupportedMediaType: entry('unsupported_media_type', 415, 'client', true, 'the content type is not accepted here'),
  serviceNotFound: entry('service_not_found', 404, 'client', true, 'there is no service with this id'),
  applicationNotFound: entry('application_not_found', 404, 'client', true, 'there is no application with this id'),
  metricNotFound: entry('metric_not_found', 404, 'client', true, 'there is no metric of this name in the service'),
  ambiguousApplication: entry(
    'ambiguous_application',
    409,
    'client',
    true,
    'more than one service has an application with this id; add service_id=',
  ),
  invalidParameter: entry('invalid_parameter', 400, 'client', true, 'a parameter is missing or has a bad value'),
  rangeTooLarge: entry(
    'range_too_large',
    400,
    'client',
    true,
    'the time range has too many values for its granularity',
  ),
  storeUnavailable: entry(
    'store_unavailable',
    503,
    'store',
    true,
    'the store does not answer; nothing was changed as far as is known',
  ),
  overloaded: entry('overloaded', 503, 'backend', true, 'the backend is overloaded; nothing was done'),
  queueFull: entry('queue_full', 503, 'store', true, 'the queue of reports is full; the report was not accepted'),
  batchConflict: entry(
    'batch_conflict',
    422,
    'gateway',
    false,
    'this epoch and sequence were already applied with other content',
  ),
  batchMalformed: entry(
    'batch_malformed',
    422,
    'gateway',
    false,
    'the batch cannot be read; nothing of it was applied',
  ),
  timedOut: entry('timed_out', 503, 'backend', false, 'the request took too long'),
  internal: entry('internal', 500, 'backend', false, 'an internal error; the log has the details under the request id'),
} as const;

/** Answers that the gateway gives by itself. The texts of the first five are those of the 3scale gateway. */
export const gatewayErrors = {
  credentialsMissing: entry('credentials_missing', 401, 'client', true, 'Authentication parameters missing'),
  credentialsRefused: entry('credentials_refused', 403, 'client', true, 'Authentication failed'),
  usageDisabled: entry('usage_disabled', 403, 'client', true, 'Authentication failed'),
  noMappingRule: entry('no_mapping_rule', 404, 'client', true, 'No Mapping Rule matched'),
  limitsExceeded: entry('limits_exceeded', 429, 'client', true, 'Limits exceeded'),
  unknownHost: entry('unknown_host', 404, 'client', true, ''),
  backendUnavailable: entry('backend_unavailable', 503, 'backend', true, 'Authorization is unavailable'),
  usageUnrecorded: entry('usage_unrecorded', 503, 'operator', true, 'Usage cannot be recorded'),
} as const satisfies Readonly<Record<string, ErrorEntry>>;

/** Answers of the gateway's HTTP engine, by their code: a request that it refuses, an upstream that fails. */
export const engineErrors = {
  bad_request: entry('bad_request', 400, 'client', true, 'Bad request'),
  method_not_allowed: entry('method_not_allowed', 405, 'client', true, 'Method not allowed'),
  request_timeout: entry('request_timeout', 408, 'client', false, 'Request timeout'),
  payload_too_large: entry('payload_too_large', 413, 'client', false, 'Payload too large'),
  uri_too_long: entry('uri_too_long', 414, 'client', true, 'URI too long'),
  expectation_failed: entry('expectation_failed', 417, 'client', true, 'Expectation failed'),
  header_too_large: entry('header_too_large', 431, 'client', true, 'Request header too large'),
  internal_error: entry('internal_error', 500, 'gateway', false, 'Internal error'),
  not_implemented: entry('not_implemented', 501, 'client', true, 'Not implemented'),
  upstream_refused: entry('upstream_refused', 502, 'upstream', false, 'Upstream refused the connection'),
  upstream_invalid: entry('upstream_invalid', 502, 'upstream', false, 'Invalid upstream response'),
  upstream_closed: entry('upstream_closed', 502, 'upstream', false, 'Upstream closed the connection'),
  too_many_connections: entry('too_many_connections', 503, 'operator', true, 'Too many connections'),
  upstream_busy: entry('upstream_busy', 503, 'upstream', false, 'Upstream is busy'),
  upstream_timeout: entry('upstream_timeout', 504, 'upstream', false, 'Upstream timeout'),
  http_version_not_supported: entry('http_version_not_supported', 505, 'client', true, 'HTTP version not supported'),
} as const satisfies Readonly<Record<string, ErrorEntry>>;
