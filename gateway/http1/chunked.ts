import { COLON, CR, HEX, LF, SEMICOLON, TOKEN, VALUE } from './bytes.ts';

/** Digits of a chunk size: up to 2^48, and no leading zeros without end. */
const MAX_DIGITS = 12;
/** A chunk line with its extensions, which are dropped. */
const MAX_LINE = 64;
/** All trailers together; they are dropped as well. */
const MAX_TRAILERS = 8_192;

const SIZE = 0;
const EXTENSION = 1;
const SIZE_LF = 2;
const DATA = 3;
const DATA_CR = 4;
const DATA_LF = 5;
const TRAILER = 6;
const TRAILER_NAME = 7;
const TRAILER_VALUE = 8;
const TRAILER_LF = 9;
const END_LF = 10;
const DONE = 11;
const MALFORMED = 12;

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
  #quoted = false;
  #escaped = false;

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
      case EXTENSION:
        return this.#readExtension(byte);
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
        return this.#readTrailer(byte);
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

  /** Extensions are not interpreted; but quotes are closed, and no control character is in them. */
  #readExtension(byte: number): number {
    if (++this.#line > MAX_LINE) return MALFORMED;
    if (byte === CR) return this.#quoted ? MALFORMED : SIZE_LF;
    if (this.#escaped) this.#escaped = false;
    else if (this.#quoted && byte === 92) this.#escaped = true;
    else if (byte === 34) this.#quoted = !this.#quoted;
    return VALUE[byte] === 0 ? MALFORMED : EXTENSION;
  }

  #readTrailer(byte: number): number {
    if (++this.#line > MAX_TRAILERS) return MALFORMED;
    switch (this.#state) {
      case TRAILER:
        return byte === CR ? END_LF : TOKEN[byte] === 0 ? MALFORMED : TRAILER_NAME;
      case TRAILER_NAME:
        return byte === COLON ? TRAILER_VALUE : TOKEN[byte] === 0 ? MALFORMED : TRAILER_NAME;
      case TRAILER_VALUE:
        return byte === CR ? TRAILER_LF : VALUE[byte] === 0 ? MALFORMED : TRAILER_VALUE;
      default:
        return byte === LF ? TRAILER : MALFORMED;
    }
  }
}
