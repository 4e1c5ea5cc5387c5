import type { CredentialPlace, Service } from '../config/service.ts';
import type { Usage } from '../rules/usage.ts';
import type { Decision } from './decision.ts';

export type { Decision } from './decision.ts';

/** What a caller showed. Decoded once, compared byte for byte. */
export type Credentials =
  | { readonly kind: 'user_key'; readonly userKey: string }
  | { readonly kind: 'app_id'; readonly appId: string; readonly appKey: string | null }
  | { readonly kind: 'token'; readonly token: string };

/** One request's authorization and usage. The request handler creates it, the authorizer fills it. */
export class Call {
  readonly service: Service;
  readonly credentials: Credentials & { readonly place: CredentialPlace };
  readonly usage: Usage;
  readonly referrer: string | null;
  /** What the authorizer keeps of its decision, to take it back or settle it: the mode's own business. */
  admission: unknown = null;
  /** What it uses is known only after the answer (protocol R18): its usage is a reservation that `settle` replaces. Set before `authorize`. */
  postPaid = false;

  constructor(
    service: Service,
    credentials: Credentials & { readonly place: CredentialPlace },
    usage: Usage,
    referrer: string | null,
  ) {
    this.service = service;
    this.credentials = credentials;
    this.usage = usage;
    this.referrer = referrer;
  }
}

/** How a gateway decides and counts: leased, batched, per-request. */
export interface Authorizer {
  /**
   * Decides from memory and counts the usage, or returns null when it must ask the backend: then `resume` is called
   * exactly once, later, never synchronously, and within BACKEND_TIMEOUT_MS and a little.
   */
  authorize(call: Call, resume: (decision: Decision) => void): Decision | null;
  /** Nobody waits for `resume` any more. */
  abandon(call: Call): void;
  /** An allowed call was not sent to the upstream (the journal could not be written): its usage never was. */
  takeBack(call: Call): void;
  /** An allowed call is over. `status`: what the client got, 0 if nothing; `failed`: the upstream gave no answer. */
  finished(call: Call, status: number, failed: boolean): void;
  /** Of the metric, `actual` units (≥ 0) were used instead of those reserved. Before `finished`, for post-paid calls. */
  settle(call: Call, metric: string, actual: number): void;
  /** Writes this tick's usage to the journal; false when that failed: then `takeBack` follows for each of its calls. */
  commit(): boolean;
}
