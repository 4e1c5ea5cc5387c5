import { CR, DOT, LF, SLASH, SPACE, TARGET, TOKEN } from './bytes.ts';
import type { EngineErrorCode } from './contract.ts';
import { latin1 } from './latin1.ts';

/** Methods that are sent on; names are case-sensitive (RFC 9110 section 9.1). All others are 501. */
const METHODS: ReadonlySet<string> = new Set(
  [
    'GET HEAD POST PUT DELETE OPTIONS PATCH ACL BIND CHECKOUT COPY LINK LOCK M-SEARCH MERGE MKACTIVITY MKCALENDAR',
    'MKCOL MOVE NOTIFY PROPFIND PROPPATCH PURGE REBIND REPORT SEARCH SUBSCRIBE UNBIND UNLINK UNLOCK UNSUBSCRIBE',
  ].flatMap((names) => names.split(' ')),
);
/** Known, and refused by everyone here (405): a tunnel, and an echo of credentials. */
const REFUSED: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'TRACK', 'DEBUG']);
const LONGEST_METHOD = 24;
const DIGIT = 1;
/** `HTTP/`, a digit, `.`, a digit, CRLF. */
const VERSION: Uint8Array = Uint8Array.of(72, 84, 84, 80, 47, DIGIT, DOT, DIGIT, CR, LF);

/** The request line (RFC 9112 section 3), read byte by byte. One instance serves all connections. */
export class RequestLine {
  method = '';
  /** Minor version: 0 or 1. */
  minor = 1;
  /** The target as offsets; `query` is that of its first `?`, or the target's end. */
  target = 0;
  query = 0;
  targetEnd = 0;
  /** The path has no escape, no empty segment and none that begins with a dot: it is in normal form. */
  simple = true;
  /** The query has a `%`. */
  escaped = false;
  /** Why `read` returned -1. */
  error: EngineErrorCode = 'bad_request';

  /** Reads `bytes[start, end)`; returns the offset after the line's CRLF, 0 when it is incomplete, -1 when refused. */
  read(bytes: Buffer, start: number, end: number, maxTarget: number): number {
    let i = start;
    while (i < end && TOKEN[bytes[i] ?? 0] !== 0) i++;
    if (i - start > LONGEST_METHOD) return this.#refuse('not_implemented');
    if (i === end) return 0;
    if (i === start || bytes[i] !== SPACE) return this.#refuse('bad_request');
    const method = methodOf(bytes, start, i);
    i = this.#readTarget(bytes, i + 1, end);
    if (i - this.target > maxTarget) return this.#refuse('uri_too_long');
    if (i === end) return 0;
    if (i === this.target || bytes[i] !== SPACE) return this.#refuse('bad_request');
    this.targetEnd = i;
    const next = this.#readVersion(bytes, i + 1, end);
    if (next <= 0) return next;
    if (!METHODS.has(method)) return this.#refuse(REFUSED.has(method) ? 'method_not_allowed' : 'not_implemented');
    this.method = method;
    return next;
  }

  #readTarget(bytes: Buffer, start: number, end: number): number {
    this.target = start;
    this.simple = true;
    this.escaped = false;
    let query = -1;
    let i = start;
    for (; i < end; i++) {
      const kind = TARGET[bytes[i] ?? 0];
      if (kind === 1) continue;
      if (kind === 0) break;
      if (query !== -1) {
        if (kind === 4) this.escaped = true;
      } else if (kind === 3) {
        query = i;
      } else if (kind === 4 || (i > start && bytes[i - 1] === SLASH) || bytes[i + 1] === DOT) {
        this.simple = false;
      }
    }
    this.query = query === -1 ? i : query;
    return i;
  }

  #readVersion(bytes: Buffer, start: number, end: number): number {
    for (let i = 0; i < VERSION.length; i++) {
      if (start + i >= end) return 0;
      const byte = bytes[start + i] ?? 0;
      const expected = VERSION[i] ?? 0;
      if (expected === DIGIT ? byte < 48 || byte > 57 : byte !== expected) return this.#refuse('bad_request');
    }
    const minor = (bytes[start + 7] ?? 0) - 48;
    if (bytes[start + 5] !== 49 || minor > 1) return this.#refuse('http_version_not_supported');
    this.minor = minor;
    return start + VERSION.length;
  }

  #refuse(error: EngineErrorCode): number {
    this.error = error;
    return -1;
  }
}

function methodOf(bytes: Buffer, start: number, end: number): string {
  // GET, without a string of its own.
  const isGet = end - start === 3 && bytes[start] === 71 && bytes[start + 1] === 69 && bytes[start + 2] === 84;
  return isGet ? 'GET' : latin1(bytes, start, end);
}
