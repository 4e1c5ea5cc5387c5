import type { Refusal } from '../authorization/decision.ts';
import type { LocalResponse, RequestEdits, Upstream } from '../http1/contract.ts';
import type { MappingRules } from '../rules/usage.ts';

export type BackendDown = 'strict' | 'resilient' | 'allow';
export type CredentialPlace = 'query' | 'header' | 'basic' | 'form';

/** Where a service's callers show who they are. */
export interface CredentialSettings {
  /** Looked at in this order; the first that shows anything is the one that counts. */
  readonly places: readonly CredentialPlace[];
  /** Which of the two ways to identify an application the service uses. */
  readonly kinds: 'user_key' | 'app_id' | 'both';
  /** Parameter and header names. In headers `_` and `-` are alike. */
  readonly userKey: string;
  readonly appId: string;
  readonly appKey: string;
  /** The spellings of those three names as header fields, lower case. */
  readonly headers: {
    readonly userKey: readonly string[];
    readonly appId: readonly string[];
    readonly appKey: readonly string[];
  };
}

/** The answers of one service, ready to be sent. */
export interface ServiceResponses {
  readonly missingCredentials: LocalResponse;
  readonly invalidCredentials: LocalResponse;
  readonly noMatch: LocalResponse;
  /** For a call that was not admitted. */
  refusal(decision: Refusal): LocalResponse;
}

/** One service, compiled once and never changed; a reload builds new ones and swaps all of them at once. */
export interface Service {
  readonly id: string;
  /** `service_token` or `provider_key`, as the 3scale contract names the parameter. */
  readonly tokenKind: 'service_token' | 'provider_key';
  readonly token: string;
  readonly credentials: CredentialSettings;
  readonly rules: MappingRules;
  readonly upstream: Upstream;
  readonly edits: RequestEdits;
  /** The edits for a caller who was found by Basic: without the Authorization field, if the service hides credentials. */
  readonly basicEdits: RequestEdits;
  /** The service's own answers, compiled. */
  readonly responses: ServiceResponses;
  readonly backendDown: BackendDown;
  /** Seconds for which `resilient` serves from the last decision. */
  readonly staleSeconds: number;
  readonly encodedSlash: 'refuse' | 'pass';
  readonly mergeSlashes: boolean;
  /** Protocols that may be upgraded to, lower case; empty: none. */
  readonly upgrades: ReadonlySet<string>;
  readonly maxBodyBytes: number | null;
}

/** Finds the service of a request by host; null: unknown host (404). */
export interface ServiceTable {
  find(host: string): Service | null;
  readonly all: readonly Service[];
}
