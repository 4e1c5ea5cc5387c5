import { STATUS_CODES } from 'node:http';
import { engineErrors, gatewayErrors } from '../shared/errors.ts';
import type { ErrorEntry } from '../shared/errors.ts';
import type { Service, ServiceResponses } from './config/service.ts';
import type { CredentialFault } from './credentials/found.ts';
import type { EngineErrorCode, LocalResponse } from './http1/contract.ts';

/** Seconds after which an outage is worth another try. */
const OUTAGE_RETRY_SECONDS = 1;

const TEXT = 'text/plain; charset=utf-8';

/** The four answers of a 3scale service that its configuration may replace (`error_*` fields of a proxy configuration). */
export interface ResponseOverride {
  readonly status: number;
  readonly body: string;
  readonly contentType: string;
}
export interface ResponseOverrides {
  readonly credentialsMissing: ResponseOverride | null;
  readonly credentialsRefused: ResponseOverride | null;
  readonly noMatch: ResponseOverride | null;
  readonly limitsExceeded: ResponseOverride | null;
}

/** Every answer that the gateway gives itself: the only place where an error becomes a response. */
export interface Responses {
  readonly unknownHost: LocalResponse;
  /** The journal cannot take the usage of this request. */
  readonly unrecorded: LocalResponse;
  of(service: Service): ServiceResponses;
  credentials(service: Service, fault: CredentialFault): LocalResponse;
  engine(code: EngineErrorCode): LocalResponse;
}

export function createResponses(): Responses {
  const engine = new Map(Object.values(engineErrors).map((error) => [error.code, defaultResponse(error)]));
  return {
    unknownHost: defaultResponse(gatewayErrors.unknownHost),
    unrecorded: defaultResponse(gatewayErrors.usageUnrecorded),
    of: (service) => service.responses,
    credentials: ({ responses }, fault) =>
      fault === 'missing' ? responses.missingCredentials : responses.invalidCredentials,
    engine: (code) => engine.get(code) ?? defaultResponse(engineErrors[code]),
  };
}

/** Compiles the answers of one service. */
export function createServiceResponses(overrides: ResponseOverrides): ServiceResponses {
  const missingCredentials = overridden(gatewayErrors.credentialsMissing, overrides.credentialsMissing);
  const invalidCredentials = overridden(gatewayErrors.credentialsRefused, overrides.credentialsRefused);
  const noMatch = overridden(gatewayErrors.noMappingRule, overrides.noMatch);
  const limitsExceeded = overridden(gatewayErrors.limitsExceeded, overrides.limitsExceeded);
  const outage = responseOf(gatewayErrors.backendUnavailable);
  return {
    missingCredentials,
    invalidCredentials,
    noMatch,
    refusal(decision) {
      switch (decision.reason) {
        case 'credentials':
        case 'disabled':
          return withHeaders(invalidCredentials, null, decision.headers);
        case 'limits':
          return withHeaders(limitsExceeded, decision.retryAfter, decision.headers);
        case 'outage':
          return withHeaders(outage, decision.retryAfter ?? OUTAGE_RETRY_SECONDS, decision.headers);
      }
    },
  };
}

/** An outage says when to come back. */
function defaultResponse(error: ErrorEntry): LocalResponse {
  return withHeaders(responseOf(error), error.status === 503 ? OUTAGE_RETRY_SECONDS : null, '');
}

function overridden(error: ErrorEntry, override: ResponseOverride | null): LocalResponse {
  return override === null ? defaultResponse(error) : build(override.status, override.contentType, override.body);
}

function responseOf(error: ErrorEntry): LocalResponse {
  return build(error.status, error.publicMessage === '' ? 'text/plain' : TEXT, error.publicMessage);
}

function build(status: number, contentType: string, body: string): LocalResponse {
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}\r\nContent-Type: ${contentType}\r\n`;
  return Object.freeze({ status, head, body });
}

/** `headers`: lines with CRLF. */
function withHeaders(response: LocalResponse, retryAfter: number | null, headers: string): LocalResponse {
  if (retryAfter === null && headers === '') return response;
  const retry = retryAfter === null ? '' : `Retry-After: ${retryAfter}\r\n`;
  return { status: response.status, head: response.head + retry + headers, body: response.body };
}
