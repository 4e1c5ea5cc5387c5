import { GrowingBuffer } from './growing-buffer.ts';

/** Who reads requests, one at a time. */
export interface RequestTaker {
  /** A request can be begun now. */
  readonly ready: boolean;
  /** Reads one request from `bytes[start, end)`; returns the offset after what it took; `start`: it is incomplete. */
  take(bytes: Buffer, start: number, end: number): number;
}

/** Bytes from a client on their way to become requests: taken at once when possible, else held. */
export class RequestInput {
  readonly #taker: RequestTaker;
  readonly #held = new GrowingBuffer();
  /** In a loop over requests: what is set free meanwhile is taken there. */
  taking = false;

  constructor(taker: RequestTaker) {
    this.#taker = taker;
  }

  /** Bytes held. */
  get length(): number {
    return this.#held.length;
  }

  /** Requests one after the other, as long as each is over at once; the rest is held. */
  receive(bytes: Buffer, length: number): void {
    if (this.length > 0) {
      this.hold(bytes, 0, length);
      this.retry();
      return;
    }
    let at = 0;
    this.taking = true;
    while (at < length && this.#taker.ready) {
      const next = this.#taker.take(bytes, at, length);
      if (next === at) break;
      at = next;
    }
    this.taking = false;
    if (at < length) this.hold(bytes, at, length);
  }

  hold(bytes: Buffer, start: number, end: number): void {
    this.#held.add(bytes, start, end);
  }

  /** The same with what is held, if it is time for it. */
  retry(): void {
    if (this.taking) return;
    const held = this.#held;
    this.taking = true;
    while (held.length > 0 && this.#taker.ready) {
      const next = this.#taker.take(held.bytes, held.start, held.end);
      if (next === held.start) break;
      held.consume(next);
    }
    this.taking = false;
  }

  clear(): void {
    this.#held.clear();
  }

  /** Gives up what is held. */
  takeAll(): Buffer {
    const { bytes, start, end } = this.#held;
    this.#held.clear();
    return bytes.subarray(start, end);
  }
}
