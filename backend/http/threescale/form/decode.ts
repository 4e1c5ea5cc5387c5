/** How a component of a form failed to decode: `syntax` is a `%` without two hex digits, `encoding` is not UTF-8. */
export type DecodeProblem = 'syntax' | 'encoding';

export interface Decoded {
  readonly text: string;
  readonly problem: DecodeProblem | null;
}

const NEEDS_DECODING = /[%+\x80-\xff]/;
const RAW_BYTE = /[\x80-\xff]/g;
const BROKEN_ESCAPE = /%(?![0-9A-Fa-f]{2})/;

/**
 * Decodes one key or value of `application/x-www-form-urlencoded` (WHATWG URL, section 5.1), given as one character
 * per byte. Raw bytes beyond ASCII count as UTF-8, like escaped ones.
 */
export function decodeComponent(bytes: string): Decoded {
  if (!NEEDS_DECODING.test(bytes)) return { text: bytes, problem: null };
  const escaped = bytes.replaceAll('+', '%20').replace(RAW_BYTE, (byte) => `%${byte.charCodeAt(0).toString(16)}`);
  try {
    return { text: decodeURIComponent(escaped), problem: null };
  } catch {
    return { text: '', problem: BROKEN_ESCAPE.test(escaped) ? 'syntax' : 'encoding' };
  }
}
