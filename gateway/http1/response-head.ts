import { CR, DOT, LF, SPACE, VALUE } from './bytes.ts';
import { CLOSE, connectionOptions, FORBIDDEN, KEEP_ALIVE, UPGRADING } from './connection-options.ts';
import { CONTENT_LENGTH, UPGRADE } from './field-names.ts';
import { Fields, INCOMPLETE } from './fields.ts';
import { CHUNKED, framingOf, NO_FRAMING } from './framing.ts';
import { latin1 } from './latin1.ts';

const HTTP_1 = [72, 84, 84, 80, 47, 49]; // HTTP/1
/** `HTTP/1.1 200`, the shortest start of a status line. */
const SHORTEST = 12;

/** Reads one response head from an upstream (RFC 9112 section 4). One instance serves all connections of a pool. */
export class ResponseHead {
  readonly fields = new Fields();
  /** Up to and with the CRLF of the last field line. */
  text = '';
  /** Of HTTP/1.x. */
  minor = 1;
  /** 100 to 599. */
  status = 0;
  /** Offset of the reason in `text`; 0: the status line ends without the space before it. */
  reasonAt = 0;
  /** Whether the upstream keeps the connection open after this response. */
  keepAlive = true;
  /** The protocol that the upstream switches to, lower case; empty: none. */
  upgrade = '';
  /** Body length (≥ 0), CHUNKED, or NO_FRAMING: up to the end of the connection. */
  framing = NO_FRAMING;

  /** Reads `bytes[start, end)`. Returns the offset after the head, 0 when it is incomplete, -1 when it is invalid. */
  read(bytes: Buffer, start: number, end: number): number {
    const fieldsAt = this.#readStatusLine(bytes, start, end);
    if (fieldsAt <= 0) return fieldsAt;
    const next = this.fields.scan(bytes, fieldsAt, end, start);
    if (next < 0) return next === INCOMPLETE ? 0 : -1;
    const minor = (bytes[start + 7] ?? 0) - 48;
    this.minor = minor;
    this.text = latin1(bytes, start, next - 2);
    this.reasonAt = bytes[start + SHORTEST] === SPACE ? SHORTEST + 1 : 0;
    this.fields.head = this.text;
    const options = connectionOptions(this.fields);
    if ((options & FORBIDDEN) !== 0) return -1;
    const framing = framingOf(this.fields);
    if (framing < CHUNKED || (framing === CHUNKED && minor === 0)) return -1;
    this.framing = framing;
    this.keepAlive = (options & CLOSE) === 0 && (minor === 1 || (options & KEEP_ALIVE) !== 0);
    this.upgrade = (options & UPGRADING) === 0 ? '' : (this.fields.combined(UPGRADE)?.toLowerCase() ?? '');
    return next;
  }

  /** Text after the status code; may be empty. */
  get reason(): string {
    return this.reasonAt === 0 ? '' : this.text.slice(this.reasonAt, this.fields.start - 2);
  }

  /** Content-Length is there once, and written as we would write it. */
  get plainLength(): boolean {
    if (this.framing < 0 || this.fields.repeats(CONTENT_LENGTH)) return false;
    const value = this.fields.value(this.fields.find(CONTENT_LENGTH));
    return value.length === 1 || !value.startsWith('0');
  }

  #readStatusLine(bytes: Buffer, start: number, end: number): number {
    let status = 0;
    for (let i = 0; i < SHORTEST; i++) {
      if (start + i >= end) return 0;
      const byte = bytes[start + i] ?? 0;
      if (i < 6) {
        if (byte !== HTTP_1[i]) return -1;
      } else if (i === 6 || i === 8) {
        if (byte !== (i === 6 ? DOT : SPACE)) return -1;
      } else {
        if (byte < 48 || byte > (i === 7 ? 49 : 57)) return -1;
        if (i > 8) status = status * 10 + byte - 48;
      }
    }
    if (status < 100 || status > 599) return -1;
    this.status = status;
    return readReason(bytes, start + SHORTEST, end);
  }
}

/** A space and any text; some servers leave out both when there is no text. */
function readReason(bytes: Buffer, start: number, end: number): number {
  if (start >= end) return 0;
  if (bytes[start] !== SPACE && bytes[start] !== CR) return -1;
  let i = start;
  while (i < end && VALUE[bytes[i] ?? 0] !== 0) i++;
  if (i + 1 >= end && (i === end || bytes[i] === CR)) return 0;
  return bytes[i] === CR && bytes[i + 1] === LF ? i + 2 : -1;
}
