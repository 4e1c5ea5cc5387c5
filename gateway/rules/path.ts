import { escapedOctet } from '../parameters.ts';

/**
 * The form of a path in which mapping rules compare: octets that RFC 3986 section 3.3 allows in a segment stand as
 * themselves, every other one as an upper-case percent escape. So `/a%21` and `/a!`, which most upstreams serve alike,
 * match the same rules. The path that is sent upstream stays as it is.
 */

const SLASH = 0x2f;
const PERCENT = 0x25;

/** Octets that stand as themselves in a canonical path: pchar of RFC 3986, and the slash. `%` only starts an escape. */
const isPlain = new Uint8Array(256);
for (const char of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/") {
  isPlain[char.charCodeAt(0)] = 1;
}

/** The characters that one placeholder may match, which are those of a canonical segment. */
export const SEGMENT_CHARACTERS: readonly number[] = [...isPlain.keys()].filter(
  (octet) => (isPlain[octet] === 1 && octet !== SLASH) || octet === PERCENT,
);

/** Canonical form of a path or of a pattern's literal text (any UTF-16; what is not ASCII becomes UTF-8 escapes). Linear. */
export function canonicalPath(path: string): string {
  let result = '';
  let copied = 0;
  for (let index = 0; index < path.length; index++) {
    const code = path.charCodeAt(index);
    if (code < 256 && isPlain[code] === 1) continue;
    result += path.slice(copied, index);
    const octet = code === PERCENT ? escapedOctet(path, index) : -1;
    if (octet >= 0) {
      result += canonicalOctet(octet);
      index += 2;
    } else if (code < 0x80) {
      result += escapeOctet(code);
    } else {
      const character = String.fromCodePoint(path.codePointAt(index) ?? 0xfffd);
      index += character.length - 1;
      for (const byte of Buffer.from(character)) result += escapeOctet(byte);
    }
    copied = index + 1;
  }
  return copied === 0 ? path : result + path.slice(copied);
}

/** An escaped slash stays escaped: it is part of its segment, as it is for an upstream that keeps it. */
function canonicalOctet(octet: number): string {
  return isPlain[octet] === 1 && octet !== SLASH ? String.fromCharCode(octet) : escapeOctet(octet);
}

function escapeOctet(octet: number): string {
  return (octet < 16 ? '%0' : '%') + octet.toString(16).toUpperCase();
}
