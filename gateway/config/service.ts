import type { RequestEdits, Upstream } from '../http1/contract.ts';
import type { MappingRules } from '../rules/usage.ts';

export type BackendDown = 'strict' | 'resilient' | 'allow';
export type CredentialPlace = 'query' | 'header' | 'basic' | 'form';

/** Where a service's callers show who they are. */
export interface CredentialSettings {
  readonly places: readonly CredentialPlace[];
  /** Parameter and header names. In headers `_` and `-` are alike. */
  readonly userKey: string;
  readonly appId: string;
  readonly appKey: string;
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
