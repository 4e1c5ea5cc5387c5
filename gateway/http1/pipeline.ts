import type { ForwardedExchange } from './links.ts';
import { UnwantedExchange } from './unwanted-exchange.ts';

/** The exchanges under way on one connection, in the order in which they were sent: their answers come in that order. */
export class Pipeline {
  /** Whose answer is being read, or comes next. */
  current: ForwardedExchange | null = null;
  /** Sent after it. */
  readonly #behind: ForwardedExchange[] = [];

  get depth(): number {
    return this.current === null ? 0 : 1 + this.#behind.length;
  }

  /** Whether others wait for the answer to the current one. */
  get shared(): boolean {
    return this.#behind.length > 0;
  }

  /** Monotonic ms at which the first of the others was sent; Infinity: there is none. */
  get waitingSince(): number {
    return this.#behind.length === 0 ? Infinity : (this.#behind[0]?.forwardedAt ?? Infinity);
  }

  /** The current one's client has left, and its answer is too long to be read for nothing. */
  get overlong(): boolean {
    return this.current instanceof UnwantedExchange && this.current.overlong;
  }

  add(exchange: ForwardedExchange): void {
    if (this.current === null) this.current = exchange;
    else this.#behind.push(exchange);
  }

  /** The current one was answered. Returns the next; null: there is none. */
  next(): ForwardedExchange | null {
    this.current = this.#behind.length === 0 ? null : (this.#behind.shift() ?? null);
    return this.current;
  }

  /** Nobody waits for the answer to this one any more. Returns whether it was here. */
  disown(exchange: ForwardedExchange): boolean {
    if (this.current === exchange) {
      this.current = new UnwantedExchange(exchange);
      return true;
    }
    const at = this.#behind.indexOf(exchange);
    if (at !== -1) this.#behind[at] = new UnwantedExchange(exchange);
    return at !== -1;
  }

  /** Whether anybody waits for an answer. */
  get wanted(): boolean {
    return this.current?.over === false || this.#behind.some((exchange) => !exchange.over);
  }

  /** Takes out all but the current one; returns those that somebody waits for. */
  takeOthers(): readonly ForwardedExchange[] {
    return this.#behind.length === 0 ? NONE : this.#behind.splice(0).filter((exchange) => !exchange.over);
  }

  clear(): void {
    this.current = null;
    this.#behind.length = 0;
  }
}

const NONE: readonly ForwardedExchange[] = [];
