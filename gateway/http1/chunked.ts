import { COLON, CR, HEX, LF, SEMICOLON, TOKEN, VALUE } from './bytes.ts';
import { isControl } from './field-names.ts';

/** Digits of a chunk size: up to 2^48, and no leading zeros without end. */
const MAX_DIGITS = 12;
/** A chunk line with its extensions, which are dropped. */
const MAX_LINE = 64;
/** All trailers together; they are dropped as well. */
const MAX_TRAILERS = 8_192;

const SIZE = 0;
/** After `;`, in an extension's name, after `=`, in its value: token, quoted, after a backslash, after the quotes. */
const EXTENSION = 1;
const EXTENSION_NAME = 2;
const EXTENSION_EQUALS = 3;
const EXTENSION_VALUE = 4;
const EXTENSION_QUOTED = 5;
const EXTENSION_ESCAPED = 6;
const EXTENSION_END = 7;
const SIZE_LF = 8;
const DATA = 9;
const DATA_CR = 10;
const DATA_LF = 11;
/** At the start of a line after the last chunk, in a trailer's name, in its value, at its end. */
const TRAILER = 12;
const TRAILER_NAME = 13;
const TRAILER_VALUE = 14;
const TRAILER_LF = 15;
const END_LF = 16;
const DONE = 17;
const MALFORMED = 18;

const QUOTE = 34;
const EQUALS = 61;
const BACKSLASH = 92;

/** Where decoded data goes, as parts of the bytes given to `decode`. */
export interface ChunkSink {
  data(bytes: Buffer, start: number, end: number): void;
}

/**
 * Decodes a chunked body (RFC 9112 section 7.1) that comes in parts of any size. A size is hexadecimal digits and
 * nothing else; every line ends in CRLF; extensions and trailers must be well-formed, and are dropped.
 */
export class ChunkedDecoder {
  #state = SIZE;
  /** Bytes of data still to come in this chunk. */
  #size = 0;
  /** Bytes of this chunk line, or of all trailers. */
  #line = 0;
  /** Name of the trailer that is read, as far as it matters. */
  #name = '';

  get done(): boolean {
    return this.#state === DONE;
  }

  /** Decodes `bytes[start, end)`. Returns the offset after what belongs to the body, or -1: it is malformed. */
  decode(bytes: Buffer, start: number, end: number, sink: ChunkSink): number {
    let i = start;
    while (i < end && this.#state !== DONE) {
      if (this.#state === DATA) {
        const next = Math.min(end, i + this.#size);
        sink.data(bytes, i, next);
        this.#size -= next - i;
        i = next;
        if (this.#size === 0) this.#state = DATA_CR;
      } else {
        this.#state = this.#next(bytes[i++] ?? 0);
        if (this.#state === MALFORMED) return -1;
      }
    }
    return i;
  }

  /** The state after one byte that is not data. */
  #next(byte: number): number {
    switch (this.#state) {
      case SIZE:
        return this.#readSize(byte);
      case SIZE_LF:
        this.#line = 0;
        return byte !== LF ? MALFORMED : this.#size === 0 ? TRAILER : DATA;
      case DATA_CR:
        return byte === CR ? DATA_LF : MALFORMED;
      case DATA_LF:
        return byte === LF ? SIZE : MALFORMED;
      case END_LF:
        return byte === LF ? DONE : MALFORMED;
      default:
        return this.#state < SIZE_LF ? this.#readExtension(byte) : this.#readTrailer(byte);
    }
  }

  #readSize(byte: number): number {
    const digit = HEX[byte] ?? 255;
    if (digit !== 255) {
      this.#size = this.#size * 16 + digit;
      return ++this.#line > MAX_DIGITS ? MALFORMED : SIZE;
    }
    if (this.#line === 0) return MALFORMED;
    if (byte === CR) return SIZE_LF;
    return byte === SEMICOLON ? EXTENSION : MALFORMED;
  }

  /** `;name`, `;name=token` or `;name="quoted"`, without white space (RFC 9112 section 7.1.1). */
  #readExtension(byte: number): number {
    if (++this.#line > MAX_LINE) return MALFORMED;
    const isToken = TOKEN[byte] !== 0;
    switch (this.#state) {
      case EXTENSION:
        return isToken ? EXTENSION_NAME : MALFORMED;
      case EXTENSION_NAME:
        return isToken ? EXTENSION_NAME : byte === EQUALS ? EXTENSION_EQUALS : afterExtension(byte);
      case EXTENSION_EQUALS:
        return isToken ? EXTENSION_VALUE : byte === QUOTE ? EXTENSION_QUOTED : MALFORMED;
      case EXTENSION_VALUE:
        return isToken ? EXTENSION_VALUE : afterExtension(byte);
      case EXTENSION_QUOTED:
        if (byte === QUOTE) return EXTENSION_END;
        return VALUE[byte] === 0 ? MALFORMED : byte === BACKSLASH ? EXTENSION_ESCAPED : EXTENSION_QUOTED;
      case EXTENSION_ESCAPED:
        return VALUE[byte] === 0 ? MALFORMED : EXTENSION_QUOTED;
      default:
        return afterExtension(byte);
    }
  }

  #readTrailer(byte: number): number {
    if (++this.#line > MAX_TRAILERS) return MALFORMED;
    switch (this.#state) {
      case TRAILER:
        this.#name = '';
        return byte === CR ? END_LF : this.#readTrailerName(byte);
      case TRAILER_NAME:
        // Some parsers would obey it (RFC 9110 section 6.5.1).
        if (byte === COLON) return isControl(this.#name) ? MALFORMED : TRAILER_VALUE;
        return this.#readTrailerName(byte);
      case TRAILER_VALUE:
        return byte === CR ? TRAILER_LF : VALUE[byte] === 0 ? MALFORMED : TRAILER_VALUE;
      default:
        return byte === LF ? TRAILER : MALFORMED;
    }
  }

  #readTrailerName(byte: number): number {
    if (TOKEN[byte] === 0) return MALFORMED;
    if (this.#name.length < MAX_LINE) this.#name += String.fromCharCode(byte);
    return TRAILER_NAME;
  }
}

function afterExtension(byte: number): number {
  return byte === CR ? SIZE_LF : byte === SEMICOLON ? EXTENSION : MALFORMED;
}
