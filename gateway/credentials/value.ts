import { MALFORMED, decode } from '../parameters.ts';
import type { Decoded } from '../parameters.ts';

/** A value that can be no credential. */
export const INVALID = Symbol('invalid');

/** Longest key or id that can be one, characters: keeps what is remembered about callers small. */
const MAX_LENGTH = 1024;

const PERCENT = 0x25;
const PLUS = 0x2b;

/**
 * The credential that is written in [start, end) of a query or form: decoded once; null when it is empty. Most are
 * plain, and then one pass over their characters is all.
 */
export function writtenCredential(text: string, start: number, end: number): string | null | typeof INVALID {
  for (let index = start; index < end; index++) {
    const code = text.charCodeAt(index);
    if (code <= 0x20 || code >= 0x7f || code === PERCENT || code === PLUS) return credential(decode(text, start, end));
  }
  if (start >= end) return null;
  return end - start > MAX_LENGTH ? INVALID : text.slice(start, end);
}

/** A decoded value as a credential: without control characters, and without white space around it (which a backend might strip, and so take one key for another). */
export function credential(value: Decoded): string | null | typeof INVALID {
  if (value === '') return null;
  if (value === MALFORMED || value.length > MAX_LENGTH || value !== value.trim()) return INVALID;
  return /[\u0000-\u001f\u007f-\u009f]/.test(value) ? INVALID : value;
}
