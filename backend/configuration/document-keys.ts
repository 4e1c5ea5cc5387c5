import type { DocumentKey } from '../store/store.ts';

/** Where each part of the configuration lies. Secrets appear in keys as digests only. */
export const documentKeys = {
  dataVersion: (): DocumentKey => ['data-version'],
  secretCheck: (): DocumentKey => ['secret-check'],
  service: (service: string): DocumentKey => ['service', service],
  provider: (digest: string): DocumentKey => ['provider', digest],
  serviceToken: (service: string, digest: string): DocumentKey => ['service-token', service, digest],
  metrics: (service: string): DocumentKey => ['metrics', service],
  plan: (service: string, plan: string): DocumentKey => ['plan', service, plan],
  alertLimits: (service: string): DocumentKey => ['alert-limits', service],
  application: (service: string, application: string): DocumentKey => ['application', service, application],
  userKey: (service: string, digest: string): DocumentKey => ['user-key', service, digest],
  /** Digests of an application's user keys, so that deleting it finds them. */
  userKeysOf: (service: string, application: string): DocumentKey => ['user-keys-of', service, application],
  /** A service whose remains are being deleted. */
  deletion: (service: string): DocumentKey => ['deletion', service],
} as const;

/** First parts of the keys whose second part is a service, in the order in which a deletion goes through them. */
export const SERVICE_COLLECTIONS = ['service-token', 'plan', 'application', 'user-key', 'user-keys-of'] as const;

/** Lists beside the documents. */
export const logKeys = {
  errors: (service: string): DocumentKey => ['errors', service],
} as const;
