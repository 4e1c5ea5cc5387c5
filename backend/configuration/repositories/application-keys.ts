import { randomBytes } from 'node:crypto';
import type { Clock } from '../../../shared/clock.ts';
import type { ApplicationRef } from '../../store/store.ts';
import type { KeyRecord } from '../records/application.ts';
import type { Secrets } from '../secrets.ts';
import type { Applications } from './applications.ts';

/** Most keys of an application; more are refused. */
export const MAX_KEYS = 1000;
const KEY_BYTES = 16;

export interface ApplicationKeysDeps {
  readonly applications: Applications;
  readonly secrets: Secrets;
  readonly clock: Clock;
}

export interface AddedKey {
  readonly added: boolean;
  readonly key: string;
}

/** The keys of applications. Each call answers null when there is no such application. */
export class ApplicationKeyStore {
  readonly #deps: ApplicationKeysDeps;

  constructor(deps: ApplicationKeysDeps) {
    this.#deps = deps;
  }

  /** Keys that are valid and that the store can show. */
  async list(ref: ApplicationRef): Promise<readonly string[] | null> {
    const record = await this.#deps.applications.get(ref);
    if (record === null) return null;
    const now = this.#deps.clock.now();
    return record.keys.flatMap(({ key, expires }) => {
      const value = isValid(expires, now) ? this.#deps.secrets.open(key) : null;
      return value === null ? [] : [value];
    });
  }

  /**
   * Adds a key, a random one when `value` is null, that ends at `expires` (ms; null: never). `added` false: there are
   * MAX_KEYS already.
   */
  add(who: string, ref: ApplicationRef, value: string | null, expires: number | null = null): Promise<AddedKey | null> {
    const key = value ?? randomBytes(KEY_BYTES).toString('hex');
    const { applications, secrets, clock } = this.#deps;
    const digest = secrets.digest(key);
    return applications.edit<AddedKey>(who, ref, 'application-key.add', (record) => {
      const valid = record.keys.filter((known) => isValid(known.expires, clock.now()));
      if (valid.some((known) => known.digest === digest && known.expires === expires)) {
        return { record, result: { added: true, key } };
      }
      const others = valid.filter((known) => known.digest !== digest);
      if (others.length >= MAX_KEYS) return { record, result: { added: false, key } };
      const added: KeyRecord = { digest, key: secrets.seal(key), expires };
      return { record: { ...record, keys: [...others, added] }, result: { added: true, key } };
    });
  }

  /** Lets every other key end at `expires` (ms) and adds a new one: both are valid until then. */
  async rotate(who: string, ref: ApplicationRef, expires: number): Promise<string | null> {
    const key = randomBytes(KEY_BYTES).toString('hex');
    const { applications, secrets, clock } = this.#deps;
    const added: KeyRecord = { digest: secrets.digest(key), key: secrets.seal(key), expires: null };
    return applications.edit(who, ref, 'application-key.rotate', (record) => {
      const kept = record.keys
        .filter((known) => isValid(known.expires, clock.now()))
        .map((known) => ({ ...known, expires: Math.min(known.expires ?? expires, expires) }));
      return { record: { ...record, keys: [...kept, added] }, result: key };
    });
  }

  /** False when the application does not have this key. */
  async delete(who: string, ref: ApplicationRef, value: string): Promise<boolean | null> {
    const digest = this.#deps.secrets.digest(value);
    return this.#deps.applications.edit(who, ref, 'application-key.delete', (record) => {
      const keys = record.keys.filter((known) => known.digest !== digest);
      return keys.length === record.keys.length
        ? { record, result: false }
        : { record: { ...record, keys }, result: true };
    });
  }
}

function isValid(expires: number | null, now: number): boolean {
  return expires === null || expires > now;
}
