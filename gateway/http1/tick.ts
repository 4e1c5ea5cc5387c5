import type { Clock } from '../../shared/clock.ts';
import { BufferPool } from './buffer-pool.ts';
import type { FlushSchedule, Output } from './output.ts';

/** An exchange whose request waits for the commit of this tick. */
export interface Uncommitted {
  /** `now`: monotonic ms. */
  send(now: number): void;
  takeBack(): void;
}

/** Outputs of one side that have something to write. */
class Lane implements FlushSchedule {
  readonly buffers: BufferPool;
  readonly #wake: () => void;
  #outputs: Output[] = [];

  constructor(buffers: BufferPool, wake: () => void) {
    this.buffers = buffers;
    this.#wake = wake;
  }

  flushLater(output: Output): void {
    output.scheduled = true;
    this.#outputs.push(output);
    this.#wake();
  }

  /** Writes what is there now; what a write sets free comes in the next tick. */
  flush(fault: (error: unknown) => void): void {
    const outputs = this.#outputs;
    if (outputs.length === 0) return;
    this.#outputs = [];
    for (const output of outputs) {
      try {
        output.flush();
      } catch (error) {
        fault(error);
      }
    }
  }
}

/**
 * The end of one turn of the event loop: when all ready sockets were read, commit once, then write to upstreams, then
 * to clients. So whatever the app or a client has seen was committed before.
 */
export class Tick {
  readonly upstreams: FlushSchedule;
  readonly clients: FlushSchedule;
  readonly #upstreams: Lane;
  readonly #clients: Lane;
  readonly #clock: Clock;
  readonly #commit: () => boolean;
  readonly #fault: (error: unknown) => void;
  readonly #run = (): void => this.#end();
  #forwarded: Uncommitted[] = [];
  #finished = false;
  #scheduled = false;

  /** `commit` is the handler's, and never throws; `fault` hears of what anything else throws. */
  constructor(clock: Clock, commit: () => boolean, fault: (error: unknown) => void) {
    this.#fault = fault;
    this.#clock = clock;
    this.#commit = commit;
    const buffers = new BufferPool();
    this.#upstreams = new Lane(buffers, () => this.#wake());
    this.#clients = new Lane(buffers, () => this.#wake());
    this.upstreams = this.#upstreams;
    this.clients = this.#clients;
  }

  /** The exchange's request is sent after the next commit. */
  forward(exchange: Uncommitted): void {
    this.#forwarded.push(exchange);
    this.#wake();
  }

  /** An exchange is over: the handler may have something to commit for it. */
  finish(): void {
    this.#finished = true;
    this.#wake();
  }

  #wake(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#run);
  }

  #end(): void {
    this.#scheduled = false;
    // Sending can finish other exchanges, and so on: nothing is written before the last of them is committed.
    while (this.#finished || this.#forwarded.length > 0) this.#commitAll();
    this.#upstreams.flush(this.#fault);
    this.#clients.flush(this.#fault);
  }

  #commitAll(): void {
    const forwarded = this.#forwarded;
    this.#forwarded = [];
    this.#finished = false;
    const committed = this.#commit();
    const now = this.#clock.monotonic();
    for (const exchange of forwarded) {
      try {
        if (committed) exchange.send(now);
        else exchange.takeBack();
      } catch (error) {
        this.#fault(error);
      }
    }
  }
}
