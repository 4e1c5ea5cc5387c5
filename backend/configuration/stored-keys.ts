import { timingSafeEqual } from 'node:crypto';
import type { ApplicationKeys } from '../domain/model.ts';
import type { KeyRecord } from './records/application.ts';
import type { Secrets } from './secrets.ts';

/** An application's keys as they are stored: compared by digest, shown where they can be opened. */
export class StoredKeys implements ApplicationKeys {
  readonly #records: readonly { readonly record: KeyRecord; readonly digest: Buffer }[];
  readonly #secrets: Secrets;
  /** Opened only when somebody wants to see them. */
  #opened: readonly (string | null)[] | null = null;

  constructor(records: readonly KeyRecord[], secrets: Secrets) {
    this.#records = records.map((record) => ({ record, digest: Buffer.from(record.digest, 'latin1') }));
    this.#secrets = secrets;
  }

  count(now: number): number {
    let count = 0;
    for (const { record } of this.#records) if (isValid(record, now)) count++;
    return count;
  }

  accepts(key: string, now: number): boolean {
    if (this.#records.length === 0) return false;
    const presented = Buffer.from(this.#secrets.digest(key), 'latin1');
    let accepted = false;
    for (const { record, digest } of this.#records) {
      const equal = digest.length === presented.length && timingSafeEqual(digest, presented);
      if (equal && isValid(record, now)) accepted = true;
    }
    return accepted;
  }

  nextExpiry(now: number): number | null {
    let next: number | null = null;
    for (const { record } of this.#records) {
      if (record.expires !== null && isValid(record, now) && (next === null || record.expires < next))
        next = record.expires;
    }
    return next;
  }

  list(now: number): readonly string[] {
    this.#opened ??= this.#records.map(({ record }) => this.#secrets.open(record.key));
    const keys: string[] = [];
    for (const [i, { record }] of this.#records.entries()) {
      const key = this.#opened[i] ?? null;
      if (key !== null && isValid(record, now)) keys.push(key);
    }
    return keys;
  }
}

function isValid(record: KeyRecord, now: number): boolean {
  return record.expires === null || record.expires > now;
}
