import type { DocumentKey, Documents, DocumentWrite } from '../../store/store.ts';
import { documentKeys } from '../document-keys.ts';
import { readProvider, readService, writeProvider, writeService } from '../records/service.ts';
import { fingerprint } from '../secrets.ts';
import type { Secrets } from '../secrets.ts';
import { unchanged } from '../writer.ts';
import type { Writer } from '../writer.ts';

export type ProviderKeyChange = 'changed' | 'exists' | 'absent';

/** Providers, which exist by having services. */
export class Providers {
  readonly #documents: Documents;
  readonly #writer: Writer;
  readonly #secrets: Secrets;

  constructor(documents: Documents, writer: Writer, secrets: Secrets) {
    this.#documents = documents;
    this.#writer = writer;
    this.#secrets = secrets;
  }

  /** Gives all services of a provider another provider key, at once. */
  changeKey(who: string, oldKey: string, newKey: string): Promise<ProviderKeyChange> {
    const from = documentKeys.provider(this.#secrets.digest(oldKey));
    const digest = this.#secrets.digest(newKey);
    const to = documentKeys.provider(digest);
    let services: readonly string[] = [];
    const keys = async (): Promise<readonly DocumentKey[]> => {
      services = readProvider(await this.#documents.get(from))?.services ?? [];
      return [from, to, ...services.map(documentKeys.service)];
    };
    return this.#writer.change<ProviderKeyChange>(who, keys, ([former, next, ...records]) => {
      const provider = readProvider(former);
      if (readProvider(next) !== null) return unchanged('exists');
      if (provider === null) return unchanged('absent');
      if (provider.services.length !== services.length) return null;
      const writes: DocumentWrite[] = [
        { key: from, value: null },
        { key: to, value: writeProvider(provider) },
      ];
      const providerKey = this.#secrets.seal(newKey);
      for (const [i, id] of services.entries()) {
        const record = readService(records[i]);
        if (record === null) return null;
        const value = writeService({ ...record, provider: digest, providerKey });
        writes.push({ key: documentKeys.service(id), value });
      }
      return {
        writes,
        changed: services.map((service) => ({ service, application: '*' })),
        audit: {
          action: 'provider.change-key',
          subject: { services },
          before: fingerprint(this.#secrets.digest(oldKey)),
          after: fingerprint(digest),
        },
        result: 'changed',
      };
    });
  }
}
