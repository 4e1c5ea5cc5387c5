import type { Documents } from '../../store/store.ts';
import { documentKeys } from '../document-keys.ts';
import { fingerprint } from '../secrets.ts';
import type { Secrets } from '../secrets.ts';
import { unchanged } from '../writer.ts';
import type { Writer } from '../writer.ts';

/** A token and the service that it may speak for. */
export interface TokenPair {
  readonly token: string;
  readonly service: string;
}

/** Service tokens, kept by digest. Their service need not exist. */
export class ServiceTokens {
  readonly #documents: Documents;
  readonly #writer: Writer;
  readonly #secrets: Secrets;

  constructor(documents: Documents, writer: Writer, secrets: Secrets) {
    this.#documents = documents;
    this.#writer = writer;
    this.#secrets = secrets;
  }

  async has(pair: TokenPair): Promise<boolean> {
    return (await this.#documents.get(this.#key(pair))) !== null;
  }

  /** Saves all of them or none. */
  async save(who: string, pairs: readonly TokenPair[]): Promise<void> {
    if (pairs.length === 0) return;
    await this.#writer.change<null>(who, [], () => ({
      writes: pairs.map((pair) => ({ key: this.#key(pair), value: true })),
      changed: [],
      audit: { action: 'service-token.save', subject: this.#subject(pairs), before: null, after: null },
      result: null,
    }));
  }

  /** How many of them there were. */
  delete(who: string, pairs: readonly TokenPair[]): Promise<number> {
    const keys = pairs.map((pair) => this.#key(pair));
    return this.#writer.change<number>(who, keys, (values) => {
      const found = keys.filter((_, i) => (values[i] ?? null) !== null);
      if (found.length === 0) return unchanged(0);
      return {
        writes: found.map((key) => ({ key, value: null })),
        changed: [...new Set(pairs.map(({ service }) => service))].map((service) => ({ service, application: '*' })),
        audit: { action: 'service-token.delete', subject: this.#subject(pairs), before: null, after: null },
        result: found.length,
      };
    });
  }

  #key(pair: TokenPair) {
    return documentKeys.serviceToken(pair.service, this.#secrets.digest(pair.token));
  }

  #subject(pairs: readonly TokenPair[]) {
    return {
      tokens: pairs.map(({ token, service }) => ({ service, token: fingerprint(this.#secrets.digest(token)) })),
    };
  }
}
