/**
 * Reads `application/x-www-form-urlencoded` text (a query, or a form body as latin1) without taking it apart: only
 * the parameters that are asked for are decoded, once. Other parameters cost no allocation, and there is no map that
 * a name from outside could be a key of.
 */

const AMPERSAND = 0x26;
const EQUALS = 0x3d;
const PERCENT = 0x25;
const PLUS = 0x2b;

/** A parameter's text that is not valid percent-encoded UTF-8. */
export const MALFORMED = Symbol('malformed');
export type Decoded = string | typeof MALFORMED;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Where the name ends that starts at `start`: at `=`, `&` or the end of the text. Negative (as ~position) when it is written with escapes. */
export function nameEnd(text: string, start: number): number {
  let escaped = false;
  let index = start;
  for (; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === EQUALS || code === AMPERSAND) break;
    if (code === PERCENT || code === PLUS || code >= 0x80) escaped = true;
  }
  return escaped ? ~index : index;
}

/** Where the value ends whose name ended at `end` (≥ 0). A bare name has an empty value: then it is `end` itself. */
export function valueEnd(text: string, end: number): number {
  if (text.charCodeAt(end) !== EQUALS) return end;
  const ampersand = text.indexOf('&', end);
  return ampersand === -1 ? text.length : ampersand;
}

/** Is `name` what stands from `start` to `end`, a result of `nameEnd`? */
export function isName(text: string, start: number, end: number, name: string): boolean {
  if (end < 0) return decode(text, start, ~end) === name;
  return end - start === name.length && text.startsWith(name, start);
}

/** The value whose name ended at `end` (≥ 0) and that ends at `valueEnd`, decoded. */
export function valueOf(text: string, end: number, valueEnd: number): Decoded {
  return end === valueEnd ? '' : decode(text, end + 1, valueEnd);
}

/** The decoded value of the last parameter of that name; `''` for a bare name; null when there is none. */
export function lastValue(text: string, name: string): Decoded | null {
  let value: Decoded | null = null;
  for (let start = 0; start < text.length;) {
    const end = nameEnd(text, start);
    const plainEnd = end < 0 ? ~end : end;
    const stop = valueEnd(text, plainEnd);
    if (isName(text, start, end, name) && stop > start) value = valueOf(text, plainEnd, stop);
    start = stop + 1;
  }
  return value;
}

/** Decodes [start, end) once: `+` is a space, escapes are UTF-8. Most values have neither and are cut out as they are. */
export function decode(text: string, start: number, end: number): Decoded {
  for (let index = start; index < end; index++) {
    const code = text.charCodeAt(index);
    if (code === PERCENT || code === PLUS || code >= 0x80) return decodeOctets(text, start, end);
  }
  return text.slice(start, end);
}

function decodeOctets(text: string, start: number, end: number): Decoded {
  const octets = Buffer.allocUnsafe(end - start);
  let length = 0;
  for (let index = start; index < end; index++) {
    const code = text.charCodeAt(index);
    if (code === PERCENT) {
      const digits = text.slice(index + 1, index + 3);
      if (index + 2 >= end || !/^[0-9A-Fa-f]{2}$/.test(digits)) return MALFORMED;
      octets[length++] = Number.parseInt(digits, 16);
      index += 2;
    } else {
      octets[length++] = code === PLUS ? 0x20 : code;
    }
  }
  try {
    return utf8.decode(octets.subarray(0, length));
  } catch {
    return MALFORMED;
  }
}
