import type { ApplicationRef, DocumentKey, Documents, DocumentWrite, Json } from '../../store/store.ts';
import { documentKeys } from '../document-keys.ts';
import { isObject, text, texts } from '../records/fields.ts';
import { fingerprint } from '../secrets.ts';
import type { Secrets } from '../secrets.ts';
import { unchanged } from '../writer.ts';
import type { Writer } from '../writer.ts';

/** User keys: each names an application of its service, which need not exist yet. */
export class UserKeys {
  readonly #documents: Documents;
  readonly #writer: Writer;
  readonly #secrets: Secrets;

  constructor(documents: Documents, writer: Writer, secrets: Secrets) {
    this.#documents = documents;
    this.#writer = writer;
    this.#secrets = secrets;
  }

  /** The application's id; null when no application has the key. */
  async get(service: string, userKey: string): Promise<string | null> {
    return readUserKey(await this.#documents.get(documentKeys.userKey(service, this.#secrets.digest(userKey))));
  }

  /** Gives the key to the application, away from the one that had it. */
  async save(who: string, ref: ApplicationRef, userKey: string): Promise<void> {
    const digest = this.#secrets.digest(userKey);
    const key = documentKeys.userKey(ref.service, digest);
    let owner: string | null = null;
    const keys = async (): Promise<readonly DocumentKey[]> => {
      owner = readUserKey(await this.#documents.get(key));
      const owners = new Set([ref.application, owner ?? ref.application]);
      return [key, ...[...owners].map((application) => documentKeys.userKeysOf(ref.service, application))];
    };
    await this.#writer.change<null>(who, keys, ([value, own, former]) => {
      const before = readUserKey(value);
      if (before !== owner) return null;
      if (before === ref.application) return unchanged(null);
      const writes: DocumentWrite[] = [
        { key, value: { application: ref.application } },
        { key: documentKeys.userKeysOf(ref.service, ref.application), value: [...texts(own), digest] },
      ];
      const changed = [ref];
      if (before !== null) {
        writes.push({ key: documentKeys.userKeysOf(ref.service, before), value: without(former, digest) });
        changed.push({ service: ref.service, application: before });
      }
      const subject = { service: ref.service, userKey: fingerprint(digest) };
      const audit = { action: 'user-key.save', subject, before, after: ref.application };
      return { writes, changed, audit, result: null };
    });
  }

  /** Digests of the application's user keys that are none of `userKeys`. */
  async othersOf(ref: ApplicationRef, userKeys: readonly string[]): Promise<readonly string[]> {
    const given = new Set(userKeys.map((key) => this.#secrets.digest(key)));
    const all = texts(await this.#documents.get(documentKeys.userKeysOf(ref.service, ref.application)));
    return all.filter((digest) => !given.has(digest));
  }

  /** Nothing happens when no application has the key. */
  delete(who: string, service: string, userKey: string): Promise<void> {
    return this.deleteDigest(who, service, this.#secrets.digest(userKey));
  }

  async deleteDigest(who: string, service: string, digest: string): Promise<void> {
    const key = documentKeys.userKey(service, digest);
    let owner = '';
    const keys = async (): Promise<readonly DocumentKey[]> => {
      owner = readUserKey(await this.#documents.get(key)) ?? '';
      return [key, documentKeys.userKeysOf(service, owner)];
    };
    await this.#writer.change<null>(who, keys, ([value, digests]) => {
      const before = readUserKey(value);
      if (before === null) return unchanged(null);
      if (before !== owner) return null;
      const writes = [
        { key, value: null },
        { key: documentKeys.userKeysOf(service, owner), value: without(digests, digest) },
      ];
      const subject = { service, userKey: fingerprint(digest) };
      const audit = { action: 'user-key.delete', subject, before, after: null };
      return { writes, changed: [{ service, application: owner }], audit, result: null };
    });
  }
}

export function readUserKey(value: Json | undefined): string | null {
  return isObject(value) ? text(value, 'application') : null;
}

function without(digests: Json | undefined, digest: string): Json {
  const left = texts(digests).filter((known) => known !== digest);
  return left.length === 0 ? null : left;
}
