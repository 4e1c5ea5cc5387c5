import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import type { ApplicationRef, DocumentKey, Store } from '../store/store.ts';
import { AuditTrail } from './audit.ts';
import { CachedLookup, LOOKUP_BOUNDS } from './cached-lookup.ts';
import type { LookupBounds } from './cached-lookup.ts';
import { checkSecret, migrate } from './data-version.ts';
import { KnownVersion } from './known-version.ts';
import type { Lookup } from './lookup.ts';
import { AlertLimits } from './repositories/alert-limits.ts';
import { ApplicationKeyStore } from './repositories/application-keys.ts';
import { Applications } from './repositories/applications.ts';
import { Metrics } from './repositories/metrics.ts';
import { Providers } from './repositories/providers.ts';
import { ReferrerFilters } from './repositories/referrer-filters.ts';
import { Removal } from './repositories/removal.ts';
import { ServiceTokens } from './repositories/service-tokens.ts';
import { Services } from './repositories/services.ts';
import { UsageLimits } from './repositories/usage-limits.ts';
import { UserKeys } from './repositories/user-keys.ts';
import { Secrets } from './secrets.ts';
import { Writer } from './writer.ts';

export interface ConfigurationSettings {
  /** Held outside of the store: keys are stored under digests that need it, and encrypted with it. Null: neither. */
  readonly secret: string | null;
  readonly bounds?: LookupBounds;
}

export interface ConfigurationDeps {
  readonly store: Pick<Store, 'documents' | 'logs' | 'counters'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Forgets what is kept of an application beside its documents and counters. */
  readonly forget: (application: ApplicationRef) => Promise<void>;
}

/** Services, applications, plans and keys, kept in the store; every process sees a change within a second. */
export class Configuration {
  readonly lookup: Lookup;
  readonly services: Services;
  readonly providers: Providers;
  readonly applications: Applications;
  readonly applicationKeys: ApplicationKeyStore;
  readonly referrerFilters: ReferrerFilters;
  readonly userKeys: UserKeys;
  readonly metrics: Metrics;
  readonly usageLimits: UsageLimits;
  readonly serviceTokens: ServiceTokens;
  readonly alertLimits: AlertLimits;
  readonly audit: AuditTrail;
  readonly #cache: CachedLookup;
  readonly #removal: Removal;
  readonly #secrets: Secrets;
  readonly #deps: ConfigurationDeps;
  readonly #unsubscribe: () => void;
  readonly #known = new KnownVersion();

  constructor(settings: ConfigurationSettings, deps: ConfigurationDeps) {
    const { documents, logs, counters } = deps.store;
    const secrets = new Secrets(settings.secret);
    const cache = new CachedLookup(documents, secrets, settings.bounds ?? LOOKUP_BOUNDS);
    const drop = (keys: readonly DocumentKey[]) => cache.drop(keys);
    this.audit = new AuditTrail(documents, deps.clock);
    const writer = new Writer(documents, this.audit, drop);
    const removal = new Removal({ documents, counters, logs, drop, forget: deps.forget });
    this.lookup = cache;
    this.services = new Services(documents, writer, secrets, removal);
    this.providers = new Providers(documents, writer, secrets);
    this.applications = new Applications(documents, writer, removal);
    this.applicationKeys = new ApplicationKeyStore({ applications: this.applications, secrets, clock: deps.clock });
    this.referrerFilters = new ReferrerFilters(this.applications);
    this.userKeys = new UserKeys(documents, writer, secrets);
    this.metrics = new Metrics(documents, writer);
    this.usageLimits = new UsageLimits(documents, writer);
    this.serviceTokens = new ServiceTokens(documents, writer, secrets);
    this.alertLimits = new AlertLimits(documents, writer);
    this.#cache = cache;
    this.#removal = removal;
    this.#secrets = secrets;
    this.#deps = deps;
    this.#unsubscribe = documents.onChange((version, keys) => this.#heard(version, keys));
  }

  /**
   * Checks the stored data and brings it to this program's version; goes on with deletions that were left half done.
   * Throws ConfigurationUnusable, or StoreUnavailable: then try again.
   */
  async prepare(): Promise<void> {
    const { documents, logs } = this.#deps.store;
    await migrate(documents, logs);
    await checkSecret(documents, this.#secrets);
    await this.#removal.resume();
    await this.#readAgain();
  }

  /** What `lookup` answers holds every change up to this version of the configuration. */
  get version(): number {
    return this.#known.value;
  }

  /** Forgets what is out of date right now. The test control needs every process to agree at once. */
  async synchronize(): Promise<void> {
    const version = await this.#deps.store.documents.version();
    if (version === this.#known.value) return;
    this.#cache.clear();
    this.#known.restart(version);
  }

  close(): void {
    this.#unsubscribe();
  }

  #heard(version: number | null, keys: readonly DocumentKey[]): void {
    if (version !== null) {
      this.#cache.drop(keys);
      this.#known.heard(version);
      return;
    }
    this.#deps.log.info('changes of the configuration may have been missed: everything is read again');
    this.#cache.clear();
    // Where the store does not answer, the next change or loss is heard with a gap and read again.
    void this.#readAgain().catch(() => null);
  }

  /** The version first, then forget: whatever is loaded from here on is at least that new. */
  async #readAgain(): Promise<void> {
    const version = await this.#deps.store.documents.version();
    this.#cache.clear();
    this.#known.restart(version);
  }
}
