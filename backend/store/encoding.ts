import { createHash } from 'node:crypto';
import type { ApplicationRef, Json } from './store.ts';

/** Longest encoded key, bytes of UTF-8; LMDB takes 1,978 in all. */
const MAX_KEY_BYTES = 1_900;

/** The one encoding of composite keys: a JSON array, so that no two tuples share a text, whatever their parts hold. Throws a RangeError when it is too long. */
export function encodeParts(parts: readonly (string | number | null)[]): string {
  const text = JSON.stringify(parts);
  if (text.length * 3 > MAX_KEY_BYTES && Buffer.byteLength(text) > MAX_KEY_BYTES) {
    throw new RangeError(
      `a key of ${Buffer.byteLength(text)} bytes is longer than the ${MAX_KEY_BYTES} that can be stored`,
    );
  }
  return text;
}

/** What the encoding of every longer tuple that begins with `parts` begins with. The character after it is never above `"`, `[` or a digit. */
export function encodePrefix(parts: readonly (string | number | null)[]): string {
  return parts.length === 0 ? '[' : `${encodeParts(parts).slice(0, -1)},`;
}

/** JSON with sorted members, so that equal values have equal texts. */
export function canonicalJson(value: Json): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}

/** How a record of ours is kept as text. */
export interface Codec<T> {
  write(value: T): string;
  read(text: string): T;
}

/** Declared as the Codec of what a file writes: its texts are read back by nobody else. */
export const asJson = { write: JSON.stringify, read: JSON.parse };

/** The shard of an application: fixed for ever, the same in every process. */
export function shardOf(application: ApplicationRef, shards: number): number {
  if (shards === 1) return 0;
  const digest = createHash('md5')
    .update(JSON.stringify([application.service, application.application]))
    .digest();
  return digest.readUInt32BE(0) % shards;
}
