import type { Clock } from '../../shared/clock.ts';
import { ChunkedDecoder } from './chunked.ts';
import type { ChunkSink } from './chunked.ts';
import { CHUNKED, NO_FRAMING } from './framing.ts';
import { GrowingBuffer } from './growing-buffer.ts';
import { latin1 } from './latin1.ts';
import { BODYLESS, STREAMED } from './links.ts';
import type { ForwardedExchange } from './links.ts';
import type { ResponseHead } from './response-head.ts';

/** Results of `receive`. */
export const READING = 0;
export const COMPLETE = 1;
/** The upstream agreed to the upgrade that the client wanted. */
export const SWITCHED = 2;
export const INVALID = 3;

const MAX_HEAD = 65_536;
/** 1xx responses before the final one. They are dropped: 100 was answered by the engine, the others are advice. */
const MAX_INTERIM = 8;

const HEAD = 0;
const LENGTH = 1;
const CHUNKS = 2;
const UNTIL_CLOSE = 3;

const NOTHING = Buffer.alloc(0);

/** Reads one response after the other from one connection, and hands each to its exchange. */
export class ResponseReader implements ChunkSink {
  readonly #head: ResponseHead;
  readonly #clock: Clock;
  readonly #partial = new GrowingBuffer();
  #exchange: ForwardedExchange | null = null;
  #state = HEAD;
  #interim = 0;
  /** Bytes of the body still to come, in state LENGTH. */
  #left = 0;
  #decoder: ChunkedDecoder | null = null;
  /** What came of a chunked body together with its head; null: parts go to the exchange as they come. */
  #collected: string | null = null;
  /** Known from the head of the final response on: the connection ends with it. */
  last = false;
  /** Of HTTP/1.x, of the response that was begun last. */
  minor = 0;
  /** After COMPLETE and SWITCHED, what came behind the response: `rest[restStart, restEnd)`. */
  rest: Buffer = NOTHING;
  restStart = 0;
  restEnd = 0;

  constructor(head: ResponseHead, clock: Clock) {
    this.#head = head;
    this.#clock = clock;
  }

  /** The next response is that of `exchange`. */
  expect(exchange: ForwardedExchange): void {
    this.#exchange = exchange;
    this.#state = HEAD;
    this.#interim = 0;
    this.last = false;
  }

  /** What is still to come of the present response goes to `exchange`. */
  handOver(exchange: ForwardedExchange): void {
    if (this.#exchange !== null) this.#exchange = exchange;
  }

  /** Reads `bytes[start, end)`, of one response at most. */
  receive(bytes: Buffer, start: number, end: number): number {
    const exchange = this.#exchange;
    if (exchange === null) return INVALID;
    switch (this.#state) {
      case HEAD:
        if (exchange.answeredAt === 0) exchange.answeredAt = this.#clock.monotonic();
        return this.#receiveHead(exchange, bytes, start, end);
      case LENGTH:
        return this.#readLength(exchange, bytes, start, end);
      case CHUNKS:
        return this.#readChunks(bytes, start, end);
      default:
        exchange.data(bytes, start, end);
        return READING;
    }
  }

  /** The upstream has sent its last byte: whether that completes the response. */
  end(): boolean {
    return this.#state === UNTIL_CLOSE;
  }

  /** Part of ChunkSink. */
  data(bytes: Buffer, start: number, end: number): void {
    if (this.#collected !== null) this.#collected += latin1(bytes, start, end);
    else this.#exchange?.data(bytes, start, end);
  }

  #receiveHead(exchange: ForwardedExchange, bytes: Buffer, start: number, end: number): number {
    const partial = this.#partial;
    if (partial.length === 0) return this.#readHead(exchange, bytes, start, end);
    partial.add(bytes, start, end);
    const all = partial.bytes.subarray(partial.start, partial.end);
    partial.clear();
    return this.#readHead(exchange, all, 0, all.length);
  }

  #readHead(exchange: ForwardedExchange, bytes: Buffer, start: number, end: number): number {
    const head = this.#head;
    let at = start;
    for (;;) {
      const next = head.read(bytes, at, end);
      // Zero: incomplete.
      if (next < 0 || (next === 0 ? end : next) - at > MAX_HEAD) return INVALID;
      if (next === 0) {
        if (at < end) this.#partial.add(bytes, at, end);
        return READING;
      }
      if (head.status >= 200) return this.#begin(exchange, bytes, next, end);
      // HTTP/1.0 has no interim responses, and none has a body (RFC 9110 sections 15.2 and 8.6).
      if (head.minor === 0 || head.framing !== NO_FRAMING) return INVALID;
      if (head.status === 101) {
        this.#leave(bytes, next, end);
        return exchange.upgrade !== '' && head.upgrade === exchange.upgrade ? SWITCHED : INVALID;
      }
      if (!head.keepAlive || ++this.#interim > MAX_INTERIM) return INVALID;
      at = next;
    }
  }

  /** RFC 9112 section 6.3: how the body is delimited. */
  #begin(exchange: ForwardedExchange, bytes: Buffer, at: number, end: number): number {
    const { status, framing, keepAlive, minor } = this.#head;
    this.minor = minor;
    this.last = !keepAlive;
    if (exchange.isHead || status === 204 || status === 304) {
      exchange.begin(this.#head, framing >= 0 && status !== 204 ? framing : BODYLESS);
      return this.#finish(bytes, at, end);
    }
    if (framing >= 0) {
      exchange.begin(this.#head, framing);
      this.#left = framing;
      this.#state = LENGTH;
      return this.#readLength(exchange, bytes, at, end);
    }
    if (framing === CHUNKED) return this.#beginChunks(exchange, bytes, at, end);
    exchange.begin(this.#head, STREAMED);
    exchange.data(bytes, at, end);
    this.#state = UNTIL_CLOSE;
    this.last = true;
    return READING;
  }

  #readLength(exchange: ForwardedExchange, bytes: Buffer, at: number, end: number): number {
    const next = Math.min(end, at + this.#left);
    this.#left -= next - at;
    exchange.data(bytes, at, next);
    return this.#left === 0 ? this.#finish(bytes, next, end) : READING;
  }

  /** A chunked body that came whole with its head is sent on with its length. */
  #beginChunks(exchange: ForwardedExchange, bytes: Buffer, at: number, end: number): number {
    this.#decoder = new ChunkedDecoder();
    this.#state = CHUNKS;
    this.#collected = '';
    const result = this.#readChunks(bytes, at, end);
    const text = this.#collected;
    this.#collected = null;
    if (result === INVALID) return INVALID;
    exchange.begin(this.#head, result === COMPLETE ? text.length : STREAMED);
    exchange.dataText(text);
    return result;
  }

  #readChunks(bytes: Buffer, at: number, end: number): number {
    const decoder = this.#decoder;
    const next = decoder === null ? -1 : decoder.decode(bytes, at, end, this);
    if (next === -1) return INVALID;
    return decoder?.done === true ? this.#finish(bytes, next, end) : READING;
  }

  #finish(bytes: Buffer, at: number, end: number): number {
    this.#leave(bytes, at, end);
    this.#exchange = null;
    this.#decoder = null;
    return COMPLETE;
  }

  #leave(bytes: Buffer, start: number, end: number): void {
    this.rest = start === end ? NOTHING : bytes;
    this.restStart = start;
    this.restEnd = end;
  }
}
