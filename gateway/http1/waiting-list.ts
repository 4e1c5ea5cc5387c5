import type { ForwardedExchange } from './links.ts';
import { Timed } from './timer-wheel.ts';
import type { TimerWheel } from './timer-wheel.ts';

/** Exchanges that wait for a connection, in order, with one time-out for the first of them. */
export class WaitingList extends Timed {
  readonly #wheel: TimerWheel;
  readonly #waitMs: number;
  readonly #late: (exchange: ForwardedExchange) => void;
  readonly #exchanges = new Map<ForwardedExchange, number>();

  constructor(wheel: TimerWheel, waitMs: number, late: (exchange: ForwardedExchange) => void) {
    super();
    this.#wheel = wheel;
    this.#waitMs = waitMs;
    this.#late = late;
  }

  get length(): number {
    return this.#exchanges.size;
  }

  add(exchange: ForwardedExchange): void {
    const until = this.#wheel.time + this.#waitMs;
    if (this.#exchanges.size === 0) this.#wheel.schedule(this, until);
    this.#exchanges.set(exchange, until);
  }

  /** The first that is still wanted. */
  next(): ForwardedExchange | null {
    for (const exchange of this.#exchanges.keys()) {
      this.#exchanges.delete(exchange);
      if (!exchange.over) return exchange;
    }
    return null;
  }

  /** The same, unless that one must have a connection for itself. */
  nextPipelinable(): ForwardedExchange | null {
    for (const exchange of this.#exchanges.keys()) {
      if (!exchange.over && !exchange.pipelinable) return null;
      this.#exchanges.delete(exchange);
      if (!exchange.over) return exchange;
    }
    return null;
  }

  expire(now: number): void {
    for (const [exchange, until] of this.#exchanges) {
      if (until > now) {
        this.#wheel.schedule(this, until);
        return;
      }
      this.#exchanges.delete(exchange);
      if (!exchange.over) this.#late(exchange);
    }
  }
}
