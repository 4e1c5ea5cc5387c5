import { CONTENT_LENGTH, TRANSFER_ENCODING } from './field-names.ts';
import type { Fields } from './fields.ts';

/** How a body is delimited (RFC 9112 section 6.3). */
export const NO_FRAMING = -1;
export const CHUNKED = -2;
/** Content-Length and Transfer-Encoding together, a bad or differing Content-Length, an empty coding. */
export const BAD_FRAMING = -3;
/** A transfer coding other than `chunked` alone. */
export const UNKNOWN_CODING = -4;

const DIGITS = /^[0-9]{1,15}$/;
const TOKENS = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:[ \t]*,[ \t]*[!#$%&'*+\-.^_`|~0-9A-Za-z]+)*$/;

/** The body's length (≥ 0), or one of the constants above. */
export function framingOf(fields: Fields): number {
  if (!fields.has(CONTENT_LENGTH) && !fields.has(TRANSFER_ENCODING)) return NO_FRAMING;
  let length = NO_FRAMING;
  let coding: string | null = null;
  for (let i = 0; i < fields.count; i++) {
    const kind = fields.kinds[i];
    if (kind === CONTENT_LENGTH) {
      const value = fields.value(i);
      if (!DIGITS.test(value)) return BAD_FRAMING;
      const read = Number(value);
      if (length !== NO_FRAMING && length !== read) return BAD_FRAMING;
      length = read;
    } else if (kind === TRANSFER_ENCODING) {
      coding = coding === null ? fields.value(i) : `${coding},${fields.value(i)}`;
    }
  }
  if (coding === null) return length;
  if (length !== NO_FRAMING || !TOKENS.test(coding)) return BAD_FRAMING;
  return coding.toLowerCase() === 'chunked' ? CHUNKED : UNKNOWN_CODING;
}
