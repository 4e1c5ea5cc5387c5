import type { ApplicationRef, DocumentKey, Documents, DocumentWrite, Json } from '../../store/store.ts';
import type { AuditEntry } from '../audit.ts';
import { documentKeys } from '../document-keys.ts';
import { listIds } from '../list-ids.ts';
import { readApplication, writeApplication } from '../records/application.ts';
import type { ApplicationRecord } from '../records/application.ts';
import { texts } from '../records/fields.ts';
import type { JsonObject } from '../records/fields.ts';
import { fingerprint } from '../secrets.ts';
import { unchanged } from '../writer.ts';
import type { Change, Writer } from '../writer.ts';
import type { Removal } from './removal.ts';

/** What a change says of an application; undefined leaves it as it is. */
export interface ApplicationChanges {
  readonly state?: string | undefined;
  readonly planId?: string | null | undefined;
  readonly planName?: string | null | undefined;
  readonly redirectUrl?: string | null | undefined;
}

export interface SavedApplication {
  readonly status: 'created' | 'modified' | 'exists';
  readonly application: ApplicationRecord;
}

const EMPTY: ApplicationRecord = {
  state: '',
  planId: null,
  planName: null,
  redirectUrl: null,
  keys: [],
  referrerFilters: [],
};

/** Applications. Their service need not exist. */
export class Applications {
  readonly #documents: Documents;
  readonly #writer: Writer;
  readonly #removal: Removal;

  constructor(documents: Documents, writer: Writer, removal: Removal) {
    this.#documents = documents;
    this.#writer = writer;
    this.#removal = removal;
  }

  /** Ids of the applications of a service. */
  ids(service: string): AsyncGenerator<string> {
    return listIds(this.#documents, ['application', service]);
  }

  async get(ref: ApplicationRef): Promise<ApplicationRecord | null> {
    return readApplication(await this.#documents.get(keyOf(ref)));
  }

  /** Creates the application or changes it; with `create` one that is there stays as it is. */
  async save(
    who: string,
    ref: ApplicationRef,
    changes: ApplicationChanges,
    options: { readonly create: boolean } = { create: false },
  ): Promise<SavedApplication> {
    await this.#removal.finish(ref.service, ref.application);
    return this.#writer.change<SavedApplication>(who, [keyOf(ref)], ([value]) => {
      const before = readApplication(value);
      if (before !== null && options.create) return unchanged({ status: 'exists', application: before });
      const after = merge(before ?? EMPTY, changes);
      const status = before === null ? 'created' : 'modified';
      const change = applicationChange('application.save', ref, before, after);
      return { ...change, result: { status, application: after } };
    });
  }

  /** Deletes the application with its keys, filters, user keys and counters. False when there is none. */
  async delete(who: string, ref: ApplicationRef): Promise<boolean> {
    const userKeys = documentKeys.userKeysOf(ref.service, ref.application);
    const deleted = await this.#writer.change<boolean>(who, [keyOf(ref), userKeys], ([value, digests]) => {
      const before = readApplication(value);
      if (before === null) return unchanged(false);
      const writes: DocumentWrite[] = [
        { key: keyOf(ref), value: null },
        { key: userKeys, value: null },
        ...texts(digests).map((digest) => ({ key: documentKeys.userKey(ref.service, digest), value: null })),
        this.#removal.begin(ref.service, ref.application),
      ];
      const audit = applicationAudit('application.delete', ref, before, null);
      return { writes, changed: [ref], audit, result: true };
    });
    if (deleted) await this.#removal.finish(ref.service, ref.application);
    return deleted;
  }

  /** Changes an application that is there: `edit` gives what it becomes and an answer. Null when there is none. */
  edit<T>(
    who: string,
    ref: ApplicationRef,
    action: string,
    edit: (record: ApplicationRecord) => { readonly record: ApplicationRecord; readonly result: T },
  ): Promise<T | null> {
    return this.#writer.change<T | null>(who, [keyOf(ref)], ([value]) => {
      const before = readApplication(value);
      if (before === null) return unchanged(null);
      const { record, result } = edit(before);
      if (record === before) return unchanged(result);
      return { ...applicationChange(action, ref, before, record), result };
    });
  }
}

function keyOf(ref: ApplicationRef): DocumentKey {
  return documentKeys.application(ref.service, ref.application);
}

function merge(record: ApplicationRecord, changes: ApplicationChanges): ApplicationRecord {
  return {
    ...record,
    state: changes.state ?? record.state,
    planId: changes.planId === undefined ? record.planId : changes.planId,
    planName: changes.planName === undefined ? record.planName : changes.planName,
    redirectUrl: changes.redirectUrl === undefined ? record.redirectUrl : changes.redirectUrl,
  };
}

function applicationChange(
  action: string,
  ref: ApplicationRef,
  before: ApplicationRecord | null,
  after: ApplicationRecord,
): Omit<Change<unknown>, 'result'> {
  const writes = [{ key: keyOf(ref), value: writeApplication(after) }];
  return { writes, changed: [ref], audit: applicationAudit(action, ref, before, after) };
}

function applicationAudit(
  action: string,
  ref: ApplicationRef,
  before: ApplicationRecord | null,
  after: ApplicationRecord | null,
): AuditEntry {
  return { action, subject: { ...ref }, before: before && shown(before), after: after && shown(after) };
}

function shown(record: ApplicationRecord): JsonObject {
  const { state, planId, planName, redirectUrl, referrerFilters } = record;
  const keys: Json = record.keys.map(({ digest, expires }) => ({ key: fingerprint(digest), expires }));
  return { state, planId, planName, redirectUrl, referrerFilters, keys };
}
