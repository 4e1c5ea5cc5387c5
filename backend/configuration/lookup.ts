import type { Application, Service } from '../domain/model.ts';
import type { Eventually } from './cache.ts';

/**
 * What decisions look up, from memory once it is known there: an answer is a promise only when the store must be
 * asked. A change by any process is seen within a second. Promises reject with StoreUnavailable.
 */
export interface Lookup {
  /** Null when no service has this provider key. */
  provider(key: string): Eventually<Provider | null>;
  service(id: string): Eventually<ConfiguredService | null>;
  /** Whether the token may speak for the service, which need not exist. */
  hasToken(service: string, token: string): Eventually<boolean>;
  application(service: string, id: string): Eventually<Application | null>;
  /** Id of the application that has this user key; it need not exist. */
  applicationWith(service: string, userKey: string): Eventually<string | null>;
  /** The same by the key's digest: `Provider.id` is the digest of a provider key. */
  applicationWithDigest(service: string, digest: string): Eventually<string | null>;
}

export interface Provider {
  /** Names the provider without its key: a digest. */
  readonly id: string;
  readonly defaultService: string | null;
}

export interface ConfiguredService extends Service {
  /** `Provider.id` of the provider that it belongs to. */
  readonly provider: string;
  /** Null where it was sealed with another secret. */
  providerKey(): string | null;
}
