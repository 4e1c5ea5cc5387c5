/**
 * Reads `application/x-www-form-urlencoded` text (a query, or a form body as latin1) without taking it apart: only
 * the parameters that are asked for are decoded, once. Other parameters cost no allocation, and there is no map that
 * a name from outside could be a key of.
 */

const AMPERSAND = 0x26;
const EQUALS = 0x3d;
const PERCENT = 0x25;
const PLUS = 0x2b;
const SPACE = 0x20;

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

/** Is `name` (in the form of `nameOctets`) what stands from `start` to `end`, a result of `nameEnd`? Allocates nothing. */
export function isName(text: string, start: number, end: number, name: string): boolean {
  if (end >= 0) return end - start === name.length && text.startsWith(name, start);
  let index = start;
  for (let at = 0; at < name.length; at++) {
    const code = text.charCodeAt(index);
    const escaped = code === PERCENT;
    const octet = escaped ? escapedOctet(text, index) : code === PLUS ? SPACE : code;
    if (octet !== name.charCodeAt(at)) return false;
    index += escaped ? 3 : 1;
  }
  return index === ~end;
}

/** The UTF-8 octets of a parameter's name, one character each, in which it is compared. */
export function nameOctets(name: string): string {
  return Buffer.from(name).toString('latin1');
}

/** The octet of the escape at `index`, or -1. */
export function escapedOctet(text: string, index: number): number {
  const high = hexDigit(text.charCodeAt(index + 1));
  const low = hexDigit(text.charCodeAt(index + 2));
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** The value whose name ended at `end` (≥ 0) and that ends at `valueEnd`, decoded. */
export function valueOf(text: string, end: number, valueEnd: number): Decoded {
  return end === valueEnd ? '' : decode(text, end + 1, valueEnd);
}

/** The decoded value of the last parameter of that name (in the form of `nameOctets`); `''` for a bare name; null when there is none. */
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
      const octet = index + 2 < end ? escapedOctet(text, index) : -1;
      if (octet < 0) return MALFORMED;
      octets[length++] = octet;
      index += 2;
    } else {
      octets[length++] = code === PLUS ? SPACE : code;
    }
  }
  try {
    return utf8.decode(octets.subarray(0, length));
  } catch {
    return MALFORMED;
  }
}
