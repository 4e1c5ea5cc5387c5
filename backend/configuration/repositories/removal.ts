import type { ApplicationRef, Counters, DocumentKey, Documents, DocumentWrite, Logs } from '../../store/store.ts';
import { SERVICE_COLLECTIONS, documentKeys, logKeys } from '../document-keys.ts';

/** Documents that are deleted at once. */
const PAGE = 200;

export interface RemovalDeps {
  readonly documents: Documents;
  readonly counters: Counters;
  readonly logs: Logs;
  /** Forgets what else is kept of an application: the flags of its events. */
  readonly forget: (application: ApplicationRef) => Promise<void>;
  /** Forgets what this process remembers of these documents. */
  readonly drop: (keys: readonly DocumentKey[]) => void;
}

/**
 * Deletes what belongs to a service or an application that is gone: keys, plans, counters, errors. What is to be
 * deleted is noted in the same change that deletes the service or application itself, so a process that dies half way
 * leaves nothing behind: the next start, or making the same id again, goes on with it.
 */
export class Removal {
  readonly #deps: RemovalDeps;

  constructor(deps: RemovalDeps) {
    this.#deps = deps;
  }

  /** The note, to be written with the deletion. `application` null: the whole service. */
  begin(service: string, application: string | null): DocumentWrite {
    return { key: noteKey(service, application), value: true };
  }

  /** Deletes what is noted. Nothing to do when there is no note. */
  async finish(service: string, application: string | null): Promise<void> {
    const note = noteKey(service, application);
    if ((await this.#deps.documents.get(note)) === null) return;
    if (application === null) await this.#removeService(service);
    else await this.#removeApplication({ service, application });
    await this.#deps.documents.write([{ key: note, value: null }], {});
  }

  /** Goes on with every deletion that a process left half done. */
  async resume(): Promise<void> {
    let cursor: string | null = null;
    do {
      const page = await this.#deps.documents.list(['deletion'], cursor, PAGE);
      for (const { key } of page.entries) {
        const [, service, , application] = key;
        if (service !== undefined) await this.finish(service, application ?? null);
      }
      cursor = page.cursor;
    } while (cursor !== null);
  }

  async #removeService(service: string): Promise<void> {
    const { counters, logs } = this.#deps;
    for (const collection of SERVICE_COLLECTIONS) await this.#removeAll([collection, service]);
    await counters.remove(service, null);
    await logs.clear(logKeys.errors(service));
  }

  async #removeApplication(application: ApplicationRef): Promise<void> {
    await this.#deps.counters.remove(application.service, application.application);
    await this.#deps.forget(application);
  }

  async #removeAll(prefix: DocumentKey): Promise<void> {
    const { documents } = this.#deps;
    for (;;) {
      const { entries } = await documents.list(prefix, null, PAGE);
      if (entries.length === 0) return;
      const [collection, service] = prefix;
      if (collection === 'application' && service !== undefined) {
        for (const { key } of entries) await this.#deps.forget({ service, application: key[2] ?? '' });
      }
      const keys = entries.map(({ key }) => key);
      await documents.write(
        keys.map((key) => ({ key, value: null })),
        {},
      );
      this.#deps.drop(keys);
    }
  }
}

function noteKey(service: string, application: string | null): DocumentKey {
  return application === null
    ? documentKeys.deletion(service)
    : [...documentKeys.deletion(service), 'application', application];
}
