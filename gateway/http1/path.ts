import type { RequestRules } from './contract.ts';

const ESCAPE = /%([0-9A-Fa-f]{2})/g;
const BROKEN_ESCAPE = /%(?![0-9A-Fa-f]{2})/;
/** Encoded NUL, or an escape that is none: parsers disagree on it also in a query. */
const BAD_QUERY = /%(?:00|(?![0-9A-Fa-f]{2}))/;
const UNRESERVED = /^[0-9A-Za-z._~-]$/;
/** UTF-8 that encodes a character in more bytes than it needs, or none at all: a way to hide `/` and `.`. */
const OVERLONG = /%(?:C[01]|E0%[89]|F0%8|F[5-9A-F])/;
/** A dot segment with a path parameter, which some upstreams cut off before they resolve the segment. */
const DOT_PARAMETER = /^\.\.?(?:;|%3B)/;

/**
 * The one form of a path (it starts with `/`, without query) that is matched by rules and sent upstream: unreserved
 * characters decoded, other escapes in upper case, dot segments resolved (RFC 3986 section 6.2.2). Null when it could
 * be read in two ways: encoded control characters, `\`, dots or (unless allowed) slashes, segments above the root.
 */
export function normalisePath(path: string, rules: RequestRules): string | null {
  const segments = path.split('/');
  const kept: string[] = [];
  let empty = false;
  let dots = false;
  let directory = false;
  for (let i = 1; i < segments.length; i++) {
    const raw = segments[i] ?? '';
    const segment = raw.includes('%') ? decodeSegment(raw, rules) : raw;
    if (segment === null || DOT_PARAMETER.test(segment)) return null;
    directory = segment === '' || segment === '.' || segment === '..';
    if (segment === '.' || segment === '..') {
      if (segment !== raw) return null;
      dots = true;
      if (segment === '..' && kept.pop() === undefined) return null;
    } else if (segment !== '' || (!rules.mergeSlashes && i < segments.length - 1)) {
      empty ||= segment === '';
      kept.push(segment);
    }
  }
  if (empty && (dots || kept[0] === '')) return null;
  return kept.length === 0 ? '/' : `/${kept.join('/')}${directory ? '/' : ''}`;
}

/** Whether a query holds nothing that parsers read differently; `#` and `\` are refused with the target's bytes. */
export function isSaneQuery(query: string): boolean {
  return !BAD_QUERY.test(query);
}

function decodeSegment(raw: string, rules: RequestRules): string | null {
  if (BROKEN_ESCAPE.test(raw)) return null;
  let refused = false;
  const decoded = raw.replaceAll(ESCAPE, (escape: string, digits: string) => {
    const byte = Number.parseInt(digits, 16);
    if (byte < 32 || byte === 127 || byte === 92 || (byte === 47 && rules.encodedSlash === 'refuse')) refused = true;
    const character = String.fromCharCode(byte);
    return UNRESERVED.test(character) ? character : escape.toUpperCase();
  });
  if (refused || OVERLONG.test(decoded)) return null;
  return hidesDots(decoded) ? null : decoded;
}

/** With encoded slashes allowed, a dot segment between two of them would be one for an upstream that decodes them. */
function hidesDots(segment: string): boolean {
  if (!segment.includes('%2F')) return false;
  return segment.split('%2F').some((part) => part === '.' || part === '..' || DOT_PARAMETER.test(part));
}
