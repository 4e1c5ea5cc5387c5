import type { BufferPool } from './buffer-pool.ts';
import { ByteQueue } from './byte-queue.ts';
import { ChunkedDecoder } from './chunked.ts';
import type { ChunkSink } from './chunked.ts';
import type { EngineErrorCode } from './contract.ts';
import { CHUNKED } from './framing.ts';
import type { UpstreamSide } from './links.ts';
import { HIGH_WATER } from './output.ts';

/** A request's body on its way from the client: decoded, held until the request is sent, then passed on as it comes. */
export class RequestBody implements ChunkSink {
  /** Decoded bytes that no upstream connection was given yet. */
  readonly held: ByteQueue;
  readonly #decoder: ChunkedDecoder | null;
  readonly #maxBytes: number;
  /** Bytes still to come when the length was given. */
  #left: number;
  #received = 0;
  #connection: UpstreamSide | null = null;
  #chunked = false;
  #limit = 0;
  #reader: ((body: Buffer | null) => void) | null = null;
  /** Everything was received. */
  complete = false;
  /** Why `receive` returned -1. */
  error: EngineErrorCode = 'bad_request';

  /** `framing`: length (> 0) or CHUNKED. */
  constructor(framing: number, maxBytes: number | null, buffers: BufferPool) {
    this.held = new ByteQueue(buffers);
    this.#decoder = framing === CHUNKED ? new ChunkedDecoder() : null;
    this.#left = framing;
    this.#maxBytes = maxBytes ?? Infinity;
  }

  /** Decoded bytes so far: its length when complete. */
  get received(): number {
    return this.#received;
  }

  /** No more should be read from the client until some of it was passed on. */
  get full(): boolean {
    if (this.#connection !== null) return this.#connection.full;
    return this.held.length >= Math.max(HIGH_WATER, this.#limit + 1);
  }

  /** Takes from `bytes[start, end)` what belongs to the body; returns the offset after it, or -1: it is refused. */
  receive(bytes: Buffer, start: number, end: number): number {
    let next = Math.min(end, start + this.#left);
    if (this.#decoder === null) {
      this.#left -= next - start;
      this.data(bytes, start, next);
      this.complete = this.#left === 0;
    } else {
      next = this.#decoder.decode(bytes, start, end, this);
      if (next === -1) return -1;
      this.complete = this.#decoder.done;
      if (this.#received > this.#maxBytes) {
        this.error = 'payload_too_large';
        return -1;
      }
    }
    this.#deliver();
    return next;
  }

  /** Part of ChunkSink. */
  data(bytes: Buffer, start: number, end: number): void {
    this.#received += end - start;
    this.held.addBytes(bytes, start, end);
  }

  /** See `Exchange.readBody`. */
  read(limit: number, done: (body: Buffer | null) => void): void {
    this.#limit = limit;
    this.#reader = done;
    this.#deliver();
  }

  /** What is held, and all that comes, goes to this connection, in chunks of our own when `chunked`. */
  sendTo(connection: UpstreamSide, chunked: boolean): void {
    this.#connection = connection;
    this.#chunked = chunked;
    this.#deliver();
  }

  /** The client left or the body is broken: nobody will see more of it. */
  breakOff(): void {
    const reader = this.#reader;
    this.#reader = null;
    this.held.clear();
    reader?.(null);
  }

  #deliver(): void {
    if (this.#reader !== null && (this.complete || this.#received > this.#limit)) {
      const reader = this.#reader;
      this.#reader = null;
      reader(this.#received > this.#limit ? null : this.held.peek());
    }
    const connection = this.#connection;
    if (connection === null) return;
    const { length } = this.held;
    if (length > 0) {
      if (this.#chunked) connection.sendText(`${length.toString(16)}\r\n`);
      connection.sendBody(this.held);
      if (this.#chunked) connection.sendText('\r\n');
    }
    if (this.#chunked && this.complete) connection.sendText('0\r\n\r\n');
  }
}
