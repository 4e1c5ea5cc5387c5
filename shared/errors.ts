/**
 * Every error that the gateway or the backend answers, in one place. docs/errors.md lists the same (held equal by a
 * test) with causes and remedies. The public message is all that a caller is told; details are for the log.
 */
export interface ErrorEntry {
  /** HTTP status of the answer. */
  readonly status: number;
  /** Who must do something about it. */
  readonly owner: 'client' | 'operator' | 'upstream' | 'backend';
  /** May the same request simply be sent again (after Retry-After, if there is one)? */
  readonly retrySafe: boolean;
  readonly publicMessage: string;
}

function entry(status: number, owner: ErrorEntry['owner'], retrySafe: boolean, publicMessage: string): ErrorEntry {
  return Object.freeze({ status, owner, retrySafe, publicMessage });
}

/** Answers that the gateway gives by itself. The first five have the texts of the 3scale gateway. */
export const gatewayErrors = {
  credentials_missing: entry(401, 'client', false, 'Authentication parameters missing'),
  credentials_refused: entry(403, 'client', false, 'Authentication failed'),
  usage_disabled: entry(403, 'client', false, 'Authentication failed'),
  no_mapping_rule: entry(404, 'client', false, 'No Mapping Rule matched'),
  limits_exceeded: entry(429, 'client', true, 'Limits exceeded'),
  unknown_host: entry(404, 'client', false, ''),
  encoded_slash: entry(400, 'client', false, 'Encoded slash in the path'),
  backend_unavailable: entry(503, 'backend', true, 'Authorization is unavailable'),
  usage_unrecorded: entry(503, 'operator', true, 'Usage cannot be recorded'),
  bad_request: entry(400, 'client', false, 'Bad request'),
  method_not_allowed: entry(405, 'client', false, 'Method not allowed'),
  request_timeout: entry(408, 'client', true, 'Request timeout'),
  payload_too_large: entry(413, 'client', false, 'Payload too large'),
  uri_too_long: entry(414, 'client', false, 'URI too long'),
  expectation_failed: entry(417, 'client', false, 'Expectation failed'),
  header_too_large: entry(431, 'client', false, 'Request header too large'),
  internal_error: entry(500, 'operator', false, 'Internal error'),
  not_implemented: entry(501, 'client', false, 'Not implemented'),
  upstream_refused: entry(502, 'upstream', true, 'Upstream refused the connection'),
  upstream_invalid: entry(502, 'upstream', false, 'Invalid upstream response'),
  upstream_closed: entry(502, 'upstream', false, 'Upstream closed the connection'),
  too_many_connections: entry(503, 'operator', true, 'Too many connections'),
  upstream_busy: entry(503, 'upstream', true, 'Upstream is busy'),
  upstream_timeout: entry(504, 'upstream', false, 'Upstream timeout'),
  http_version_not_supported: entry(505, 'client', false, 'HTTP version not supported'),
} as const satisfies Readonly<Record<string, ErrorEntry>>;

export type GatewayErrorCode = keyof typeof gatewayErrors;
