import type { ApplicationRef, DocumentKey, Documents, DocumentWrite, Json } from '../store/store.ts';
import type { AuditEntry, AuditTrail } from './audit.ts';

export interface Change<T> {
  readonly writes: readonly DocumentWrite[];
  /** Applications whose decisions may differ ('*' = all of the service), for those who hold leases of them. */
  readonly changed: readonly ApplicationRef[];
  readonly audit: AuditEntry | null;
  readonly result: T;
}

/** Attempts before a change that always collides with others is given up. */
const MAX_ATTEMPTS = 50;

/** Thrown when others kept changing the same documents; nothing was written. */
export class TooManyConflicts extends Error {}

/** Makes every change of the configuration: atomic, with its entry in the audit trail, and visible in this process when it returns. */
export class Writer {
  readonly #documents: Documents;
  readonly #audit: AuditTrail;
  readonly #drop: (keys: readonly DocumentKey[]) => void;

  /** `drop`: forgets what this process remembers of these documents. */
  constructor(documents: Documents, audit: AuditTrail, drop: (keys: readonly DocumentKey[]) => void) {
    this.#documents = documents;
    this.#audit = audit;
    this.#drop = drop;
  }

  /**
   * Reads documents, lets `decide` say what to write, and writes it if what was read is still so; else it begins
   * again, also when `decide` answers null because other documents should have been read. A change without writes
   * only answers. Throws StoreUnavailable or TooManyConflicts.
   */
  async change<T>(
    who: string,
    keys: readonly DocumentKey[] | (() => Promise<readonly DocumentKey[]>),
    decide: (values: readonly Json[]) => Change<T> | null,
  ): Promise<T> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const read = typeof keys === 'function' ? await keys() : keys;
      const values = await this.#documents.getMany(read);
      const change = decide(values);
      if (change !== null && (await this.#write(who, read, values, change))) return change.result;
    }
    throw new TooManyConflicts('the configuration kept changing under this change');
  }

  /** False when what was read has changed since. */
  async #write(
    who: string,
    keys: readonly DocumentKey[],
    values: readonly Json[],
    change: Change<unknown>,
  ): Promise<boolean> {
    if (change.writes.length === 0) return true;
    const expect = keys.map((key, i) => {
      const value = values[i] ?? null;
      return value === null ? { key, exists: false } : { key, equals: value };
    });
    const said = change.audit === null ? {} : { entry: this.#audit.entry(who, change.audit) };
    const version = await this.#documents.write(change.writes, { expect, changed: change.changed, ...said });
    if (version === null) return false;
    this.#drop(change.writes.map(({ key }) => key));
    return true;
  }
}

/** A change that writes nothing. */
export function unchanged<T>(result: T): Change<T> {
  return { writes: [], changed: [], audit: null, result };
}
