import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Json } from '../store/store.ts';
import { isObject, text } from './records/fields.ts';

/** Digests of presented secrets that are remembered, so that a caller's key is not hashed in every request. */
const MAX_REMEMBERED = 50_000;
/** Longer texts are hashed each time. */
const MAX_REMEMBERED_LENGTH = 512;

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * How secrets are stored. They are looked up by digest (HMAC-SHA-256), so that what is compared tells nothing of
 * how much of a guess was right. Those that the contract must show again (application keys, provider keys) are
 * encrypted beside their digest. Both use `secret`, which is held outside of the store: without one the digests are
 * plain and nothing is encrypted.
 */
export class Secrets {
  readonly #pepper: Buffer;
  readonly #key: Buffer | null;
  readonly #remembered = new LRUCache<string, string>({ max: MAX_REMEMBERED });

  constructor(secret: string | null) {
    this.#pepper = derive(secret ?? '', 'digest');
    this.#key = secret === null ? null : derive(secret, 'encryption');
  }

  /** Digest of a secret, 43 characters of base64url. */
  digest(value: string): string {
    const known = this.#remembered.get(value);
    if (known !== undefined) return known;
    const digest = createHmac('sha256', this.#pepper).update(value, 'utf8').digest('base64url');
    if (value.length <= MAX_REMEMBERED_LENGTH) this.#remembered.set(value, digest);
    return digest;
  }

  /** A secret as it is stored to be shown again. */
  seal(value: string): Json {
    if (this.#key === null) return { plain: value };
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#key, nonce);
    const sealed = Buffer.concat([nonce, cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return { sealed: sealed.toString('base64') };
  }

  /** What was sealed; null when it was sealed with another secret. */
  open(stored: Json | undefined): string | null {
    if (!isObject(stored)) return null;
    const sealed = text(stored, 'sealed');
    if (sealed === null) return text(stored, 'plain');
    return this.#key === null ? null : decrypt(this.#key, Buffer.from(sealed, 'base64'));
  }
}

function derive(secret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `tallygate ${purpose}`, 32));
}

function decrypt(key: Buffer, sealed: Buffer): string | null {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return null;
  const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  try {
    const opened = decipher.update(sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES));
    return Buffer.concat([opened, decipher.final()]).toString('utf8');
  } catch {
    return null;
  }
}

/** How a secret appears in the audit trail: enough of its digest to tell two apart. */
export function fingerprint(digest: string): string {
  return `hmac:${digest.slice(0, 8)}`;
}
