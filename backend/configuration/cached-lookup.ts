import type { Application } from '../domain/model.ts';
import type { DocumentKey, Documents } from '../store/store.ts';
import { BoundedCache, pairKey } from './cache.ts';
import type { CacheBounds, Eventually } from './cache.ts';
import { documentKeys } from './document-keys.ts';
import { isPossibleId } from './identifiers.ts';
import type { ConfiguredService, Lookup, Provider } from './lookup.ts';
import { readApplication } from './records/application.ts';
import { readProvider } from './records/service.ts';
import { readUserKey } from './repositories/user-keys.ts';
import type { Secrets } from './secrets.ts';
import { ServiceContext } from './service-context.ts';
import { StoredKeys } from './stored-keys.ts';

interface CachedApplication {
  readonly application: Application;
  readonly service: ServiceContext;
}

export interface LookupBounds {
  readonly services: CacheBounds;
  readonly providers: CacheBounds;
  readonly tokens: CacheBounds;
  readonly applications: CacheBounds;
  readonly userKeys: CacheBounds;
}

/** An application context takes about 1 KiB. */
export const LOOKUP_BOUNDS: LookupBounds = {
  services: { entries: 10_000, absent: 10_000 },
  providers: { entries: 10_000, absent: 10_000 },
  tokens: { entries: 20_000, absent: 20_000 },
  applications: { entries: 100_000, absent: 20_000 },
  userKeys: { entries: 100_000, absent: 20_000 },
};

/** The lookup over the stored documents. */
export class CachedLookup implements Lookup {
  readonly #documents: Documents;
  readonly #secrets: Secrets;
  readonly #services: BoundedCache<ServiceContext>;
  readonly #providers: BoundedCache<Provider>;
  readonly #tokens: BoundedCache<object>;
  readonly #applications: BoundedCache<CachedApplication>;
  readonly #userKeys: BoundedCache<{ readonly application: string }>;

  constructor(documents: Documents, secrets: Secrets, bounds: LookupBounds = LOOKUP_BOUNDS) {
    this.#documents = documents;
    this.#secrets = secrets;
    // An application stays usable only while its service's context is kept, or nobody would tell it of a change.
    this.#services = new BoundedCache(bounds.services, (context) => context.retire());
    this.#providers = new BoundedCache(bounds.providers);
    this.#tokens = new BoundedCache(bounds.tokens);
    this.#applications = new BoundedCache(bounds.applications);
    this.#userKeys = new BoundedCache(bounds.userKeys);
  }

  provider(key: string): Eventually<Provider | null> {
    const id = this.#secrets.digest(key);
    const known = this.#providers.peek(id);
    if (known !== undefined) return known;
    return this.#providers.load(id, async () => {
      const record = readProvider(await this.#documents.get(documentKeys.provider(id)));
      return record === null ? null : { id, defaultService: record.defaultService };
    });
  }

  service(id: string): Eventually<ConfiguredService | null> {
    return this.#context(id);
  }

  hasToken(service: string, token: string): Eventually<boolean> {
    if (!isPossibleId(service)) return false;
    const digest = this.#secrets.digest(token);
    const key = pairKey(digest, service);
    const known = this.#tokens.peek(key);
    if (known !== undefined) return known !== null;
    const loaded = this.#tokens.load(key, async () => {
      const found = await this.#documents.get(documentKeys.serviceToken(service, digest));
      return found === null ? null : {};
    });
    return loaded.then((found) => found !== null);
  }

  application(service: string, id: string): Eventually<Application | null> {
    if (!isPossibleId(service) || !isPossibleId(id)) return null;
    const key = pairKey(service, id);
    const known = this.#applications.peek(key);
    if (known === null || known?.service.current === true) return known?.application ?? null;
    if (known !== undefined) this.#applications.drop(key);
    return this.#applications
      .load(key, () => this.#loadApplication(service, id))
      .then((cached) => cached?.application ?? null);
  }

  applicationWith(service: string, userKey: string): Eventually<string | null> {
    return this.applicationWithDigest(service, this.#secrets.digest(userKey));
  }

  applicationWithDigest(service: string, digest: string): Eventually<string | null> {
    if (!isPossibleId(service)) return null;
    const key = pairKey(digest, service);
    const known = this.#userKeys.peek(key);
    if (known !== undefined) return known?.application ?? null;
    const loaded = this.#userKeys.load(key, async () => {
      const application = readUserKey(await this.#documents.get(documentKeys.userKey(service, digest)));
      return application === null ? null : { application };
    });
    return loaded.then((found) => found?.application ?? null);
  }

  /** Forgets what is remembered of these documents. */
  drop(keys: readonly DocumentKey[]): void {
    for (const [kind, first = '', second = ''] of keys) {
      if (kind === 'application') this.#applications.drop(pairKey(first, second));
      else if (kind === 'user-key') this.#userKeys.drop(pairKey(second, first));
      else if (kind === 'service-token') this.#tokens.drop(pairKey(second, first));
      else if (kind === 'provider') this.#providers.drop(first);
      else this.#dropService(first);
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.#services.clear();
    this.#providers.clear();
    this.#tokens.clear();
    this.#applications.clear();
    this.#userKeys.clear();
  }

  #context(id: string): Eventually<ServiceContext | null> {
    const known = this.#services.peek(id);
    if (known !== undefined) return known;
    if (!isPossibleId(id)) return null;
    return this.#services.load(id, () => ServiceContext.load(id, this.#documents, this.#secrets));
  }

  async #loadApplication(serviceId: string, id: string): Promise<CachedApplication | null> {
    const service = await this.#context(serviceId);
    if (service === null) return null;
    const record = readApplication(await this.#documents.get(documentKeys.application(serviceId, id)));
    if (record === null) return null;
    const application: Application = {
      service,
      id,
      state: record.state,
      planName: record.planName,
      redirectUrl: record.redirectUrl,
      keys: new StoredKeys(record.keys, this.#secrets),
      referrerFilters: record.referrerFilters,
      limits: record.planId === null ? [] : await service.limitsOf(record.planId),
    };
    return { application, service };
  }

  #dropService(id: string): void {
    this.#services.drop(id);
    this.#applications.forgetLoads();
  }
}
