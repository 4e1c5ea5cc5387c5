import { LF } from './bytes.ts';
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
  readonly #maxHead: number;
  readonly #held = new GrowingBuffer();
  /** In `#takeRequests`: what is set free meanwhile is taken there. */
  #taking = false;

  constructor(taker: RequestTaker, maxHead: number) {
    this.#taker = taker;
    this.#maxHead = maxHead;
  }

  /** Bytes held. */
  get length(): number {
    return this.#held.length;
  }

  receive(bytes: Buffer, length: number): void {
    if (this.length === 0) {
      this.#takeRequests(bytes, 0, length);
      return;
    }
    this.hold(bytes, 0, length);
    // A head that comes in small parts is looked at once for each of its lines.
    if (this.length > this.#maxHead || bytes.subarray(0, length).includes(LF)) this.retry();
  }

  hold(bytes: Buffer, start: number, end: number): void {
    this.#held.add(bytes, start, end);
  }

  /** Reads what is held, if it is time for it. */
  retry(): void {
    if (this.#taking || !this.#taker.ready) return;
    const { length } = this;
    const bytes = this.#held.take();
    if (bytes !== null) this.#takeRequests(bytes, 0, length);
  }

  clear(): void {
    this.#held.take();
  }

  /** Gives up what is held: the first `length` bytes of the answer; null: nothing. */
  takeAll(): Buffer | null {
    return this.#held.take();
  }

  /** Requests one after the other, as long as each is over at once; the rest is held. */
  #takeRequests(bytes: Buffer, start: number, end: number): void {
    let at = start;
    this.#taking = true;
    while (at < end && this.#taker.ready) {
      const next = this.#taker.take(bytes, at, end);
      if (next === at) break;
      at = next;
    }
    this.#taking = false;
    if (at < end) this.hold(bytes, at, end);
  }
}
