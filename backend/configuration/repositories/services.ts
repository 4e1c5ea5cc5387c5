import type { DocumentKey, Documents, DocumentWrite } from '../../store/store.ts';
import { documentKeys } from '../document-keys.ts';
import { listIds } from '../list-ids.ts';
import { readProvider, readService, writeProvider, writeService } from '../records/service.ts';
import type { ProviderRecord, ServiceRecord } from '../records/service.ts';
import type { Secrets } from '../secrets.ts';
import { unchanged } from '../writer.ts';
import type { Change, Writer } from '../writer.ts';
import { serviceAudit } from './service-audit.ts';
import type { Removal } from './removal.ts';

export interface ServiceView {
  readonly id: string;
  readonly active: boolean;
  readonly providerKey: string | null;
  readonly backendVersion: string | null;
  readonly referrerFiltersRequired: boolean;
  readonly defaultService: boolean;
}

/** What a change says of a service; undefined leaves it as it is. */
export interface ServiceChanges {
  readonly active?: boolean | undefined;
  readonly providerKey?: string | undefined;
  readonly backendVersion?: string | null | undefined;
  readonly referrerFiltersRequired?: boolean | undefined;
  /** True moves the provider's default here; false changes nothing: a provider always has one. */
  readonly defaultService?: boolean | undefined;
}

export type SavedService = ServiceView | 'provider key missing';

const NO_SERVICES: ProviderRecord = { defaultService: null, services: [] };

/** Services and the providers that they belong to. */
export class Services {
  readonly #documents: Documents;
  readonly #writer: Writer;
  readonly #secrets: Secrets;
  readonly #removal: Removal;

  constructor(documents: Documents, writer: Writer, secrets: Secrets, removal: Removal) {
    this.#documents = documents;
    this.#writer = writer;
    this.#secrets = secrets;
    this.#removal = removal;
  }

  /** Ids of all services. */
  ids(): AsyncGenerator<string> {
    return listIds(this.#documents, ['service']);
  }

  async get(id: string): Promise<ServiceView | null> {
    const record = await this.#read(id);
    if (record === null) return null;
    const provider = readProvider(await this.#documents.get(documentKeys.provider(record.provider)));
    return this.#view(id, record, provider ?? NO_SERVICES);
  }

  /** Creates the service or changes it. The first service of a provider is its default. */
  async save(who: string, id: string, changes: ServiceChanges): Promise<SavedService> {
    await this.#removal.finish(id, null);
    const digest = changes.providerKey === undefined ? null : this.#secrets.digest(changes.providerKey);
    let previous: string | null = null;
    const keys = async (): Promise<readonly DocumentKey[]> => {
      previous = (await this.#read(id))?.provider ?? null;
      const providers = new Set([digest ?? previous, previous].filter((provider) => provider !== null));
      return [documentKeys.service(id), ...[...providers].map(documentKeys.provider)];
    };
    return this.#writer.change<SavedService>(who, keys, ([service, owner, formerOwner]) => {
      const record = readService(service);
      if ((record?.provider ?? null) !== previous) return null;
      if (record === null && changes.providerKey === undefined) return unchanged('provider key missing');
      const saved = this.#merge(record, changes, digest);
      const moved = record !== null && record.provider !== saved.provider;
      return this.#saving(id, record, saved, changes, {
        owner: readProvider(owner) ?? NO_SERVICES,
        former: moved ? readProvider(formerOwner) : null,
      });
    });
  }

  /** A provider's default service cannot go while there are others. */
  async delete(who: string, id: string): Promise<'deleted' | 'default' | 'absent'> {
    let provider = '';
    const keys = async (): Promise<readonly DocumentKey[]> => {
      provider = (await this.#read(id))?.provider ?? '';
      return [documentKeys.service(id), documentKeys.provider(provider)];
    };
    const outcome = await this.#writer.change<'deleted' | 'default' | 'absent'>(who, keys, ([service, owner]) => {
      const record = readService(service);
      if (record === null) return unchanged('absent');
      if (record.provider !== provider) return null;
      const { defaultService, services } = readProvider(owner) ?? NO_SERVICES;
      if (defaultService === id && services.length > 1) return unchanged('default');
      const left = services.filter((other) => other !== id);
      const writes: DocumentWrite[] = [
        { key: documentKeys.service(id), value: null },
        { key: documentKeys.metrics(id), value: null },
        { key: documentKeys.alertLimits(id), value: null },
        { key: documentKeys.provider(provider), value: writeProvider({ defaultService, services: left }) },
        this.#removal.begin(id, null),
      ];
      return {
        writes,
        changed: everyone(id),
        audit: serviceAudit('service.delete', id, record, null),
        result: 'deleted',
      };
    });
    if (outcome === 'deleted') await this.#removal.finish(id, null);
    return outcome;
  }

  async #read(id: string): Promise<ServiceRecord | null> {
    return readService(await this.#documents.get(documentKeys.service(id)));
  }

  #view(id: string, record: ServiceRecord, provider: ProviderRecord): ServiceView {
    const { active, backendVersion, referrerFiltersRequired } = record;
    const providerKey = this.#secrets.open(record.providerKey);
    const defaultService = provider.defaultService === id;
    return { id, active, providerKey, backendVersion, referrerFiltersRequired, defaultService };
  }

  #merge(record: ServiceRecord | null, changes: ServiceChanges, digest: string | null): ServiceRecord {
    const keepsKey = changes.providerKey === undefined || digest === record?.provider;
    return {
      active: changes.active ?? record?.active ?? true,
      provider: digest ?? record?.provider ?? '',
      providerKey: keepsKey ? (record?.providerKey ?? null) : this.#secrets.seal(changes.providerKey ?? ''),
      backendVersion: changes.backendVersion === undefined ? (record?.backendVersion ?? null) : changes.backendVersion,
      referrerFiltersRequired: changes.referrerFiltersRequired ?? record?.referrerFiltersRequired ?? false,
    };
  }

  #saving(
    id: string,
    before: ServiceRecord | null,
    after: ServiceRecord,
    changes: ServiceChanges,
    providers: { readonly owner: ProviderRecord; readonly former: ProviderRecord | null },
  ): Change<ServiceView> {
    const { owner, former } = providers;
    const isDefault = changes.defaultService === true || owner.defaultService === null || owner.services.length === 0;
    const provider: ProviderRecord = {
      defaultService: isDefault ? id : owner.defaultService,
      services: owner.services.includes(id) ? owner.services : [...owner.services, id],
    };
    const writes: DocumentWrite[] = [
      { key: documentKeys.service(id), value: writeService(after) },
      { key: documentKeys.provider(after.provider), value: writeProvider(provider) },
    ];
    if (former !== null && before !== null) {
      writes.push({ key: documentKeys.provider(before.provider), value: writeProvider(without(former, id)) });
    }
    const audit = serviceAudit('service.save', id, before, after);
    return { writes, changed: everyone(id), audit, result: this.#view(id, after, provider) };
  }
}

/** A default service that leaves is followed by the oldest of the others. */
function without(provider: ProviderRecord, id: string): ProviderRecord {
  const services = provider.services.filter((other) => other !== id);
  const defaultService = provider.defaultService === id ? (services[0] ?? null) : provider.defaultService;
  return { defaultService, services };
}

function everyone(service: string): readonly { readonly service: string; readonly application: string }[] {
  return [{ service, application: '*' }];
}
