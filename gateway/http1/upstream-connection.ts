import type { Socket } from 'node:net';
import type { Clock } from '../../shared/clock.ts';
import type { ByteQueue } from './byte-queue.ts';
import type { EngineErrorCode } from './contract.ts';
import type { UpstreamCounters } from './counters.ts';
import type { ForwardedExchange, UpstreamSide } from './links.ts';
import { Output } from './output.ts';
import type { FlushSchedule, OutputOwner } from './output.ts';
import type { ResponseHead } from './response-head.ts';
import { COMPLETE, READING, ResponseReader, SWITCHED } from './response-reader.ts';
import { Timed } from './timer-wheel.ts';
import type { TimerWheel } from './timer-wheel.ts';
import type { SocketOwner, UpstreamSockets } from './upstream-socket.ts';

/** What the connections of one pool share, and whom they report to. */
export interface ConnectionPool {
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  readonly sockets: UpstreamSockets;
  /** Reads the heads of all connections, one at a time. */
  readonly head: ResponseHead;
  readonly counters: UpstreamCounters;
  readonly connectTimeoutMs: number;
  readonly timeoutMs: number;
  /** The connection is clean and free for another request. */
  freed(connection: UpstreamConnection): void;
  /** The connection is gone. */
  lost(connection: UpstreamConnection): void;
  /** The exchange's request got no answer, on a connection that was used before: it may be sent once more. */
  retry(exchange: ForwardedExchange): void;
  /** The target did not answer, or not as it must. */
  failed(exchange: ForwardedExchange, code: EngineErrorCode, reason: string): void;
  /** The target answered. */
  succeeded(): void;
  fault(error: unknown): void;
}

/**
 * The life of one upstream connection: it is opened for an exchange, sends its request, reads exactly one response,
 * and is kept for the next only when both were complete and nothing else was received.
 */
export class UpstreamConnection extends Timed implements OutputOwner, SocketOwner, UpstreamSide {
  readonly socket: Socket;
  readonly #pool: ConnectionPool;
  readonly #output: Output;
  readonly #reader: ResponseReader;
  #exchange: ForwardedExchange | null = null;
  #connected = false;
  /** Requests before the present one. */
  #served = 0;
  /** A byte of the present response was received. */
  #answering = false;
  #paused = false;
  /** Another protocol is spoken: bytes go through as they are. */
  #tunnel = false;
  #ending = false;
  /** The upstream has sent its last byte, or the socket is gone. */
  #ended = false;

  constructor(pool: ConnectionPool, schedule: FlushSchedule) {
    super();
    this.#pool = pool;
    this.#reader = new ResponseReader(pool.head, pool.clock);
    this.socket = pool.sockets.open(this);
    this.#output = new Output(this, schedule, pool.counters);
  }

  /** Sends the request of `exchange`, and reads its answer. */
  begin(exchange: ForwardedExchange, now: number): void {
    this.#exchange = exchange;
    this.#answering = false;
    this.#reader.expect(exchange);
    exchange.forwardedAt = now;
    this.#output.text(exchange.requestText);
    const { wheel, timeoutMs, connectTimeoutMs } = this.#pool;
    wheel.schedule(this, wheel.time + (this.#connected ? timeoutMs : connectTimeoutMs));
    exchange.sentOn(this);
  }

  /** Waits for another request; gone after `ms`. */
  rest(ms: number): void {
    this.#pool.wheel.schedule(this, this.#pool.wheel.time + ms);
  }

  get usable(): boolean {
    return !this.#ended && !this.socket.destroyed;
  }

  destroy(): void {
    this.#exchange = null;
    this.socket.destroy();
  }

  get full(): boolean {
    return this.#output.full;
  }

  sendText(text: string): void {
    this.#output.text(text);
  }

  sendBody(body: ByteQueue): void {
    this.#output.take(body);
    this.#extend();
  }

  sendBytes(bytes: Buffer, start: number, end: number): void {
    this.#output.bytes(bytes, start, end);
  }

  endOutput(): void {
    this.#ending = true;
    if (this.#output.pending === 0) this.socket.end();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#extend();
    this.socket.resume();
  }

  abort(): void {
    this.destroy();
  }

  connected(): void {
    this.#connected = true;
    this.#extend();
  }

  received(bytes: Buffer, length: number): void {
    this.#pool.counters.bytesIn += length;
    const exchange = this.#exchange;
    if (exchange === null) {
      // Nothing was asked for: whatever this is, it would be taken for the next answer.
      this.destroy();
      return;
    }
    this.#answering = true;
    try {
      this.#read(exchange, bytes, length);
    } catch (error) {
      this.#pool.fault(error);
      this.#fail('internal_error', 'fault');
    }
  }

  #read(exchange: ForwardedExchange, bytes: Buffer, length: number): void {
    if (this.#tunnel) {
      exchange.data(bytes, 0, length);
      this.#pauseFor(exchange);
      return;
    }
    switch (this.#reader.receive(bytes, length)) {
      case READING:
        this.#extend();
        this.#pauseFor(exchange);
        break;
      case COMPLETE:
        this.#complete(exchange, this.#reader.clean);
        break;
      case SWITCHED:
        this.#switch(exchange, bytes, this.#reader.rest, length);
        break;
      default:
        this.#fail('upstream_invalid', 'invalid response');
    }
  }

  #switch(exchange: ForwardedExchange, bytes: Buffer, start: number, end: number): void {
    this.#tunnel = true;
    this.#pool.succeeded();
    // From here on the client's connection has the time-out.
    this.#pool.wheel.cancel(this);
    exchange.switched(this.#pool.head);
    exchange.data(bytes, start, end);
  }

  /** The client takes less than comes. */
  #pauseFor(exchange: ForwardedExchange): void {
    if (!exchange.clientFull) return;
    this.#paused = true;
    this.socket.pause();
  }

  /** Part of OutputOwner and SocketOwner. */
  drained(): void {
    if (this.#output.queue.length > 0 || this.#exchange === null) return;
    if (this.#ending) this.socket.end();
    this.#exchange.upstreamDrained();
  }

  blocked(): void {}

  ended(): void {
    const exchange = this.#exchange;
    this.#ended = true;
    if (exchange === null) this.destroy();
    else if (this.#tunnel) this.#endTunnel(exchange);
    else if (this.#reader.end()) this.#complete(exchange, false);
    else this.#broken('upstream_closed', 'connection closed');
  }

  closed(error: Error | null): void {
    this.#ended = true;
    this.#pool.wheel.cancel(this);
    if (this.#exchange !== null) {
      this.#broken(this.#connected ? 'upstream_closed' : 'upstream_refused', error?.message ?? 'connection closed');
    }
    this.#pool.lost(this);
  }

  /** Part of Timed. */
  expire(): void {
    const exchange = this.#exchange;
    if (exchange === null) {
      this.destroy();
    } else if (!this.#connected) {
      this.#fail('upstream_timeout', 'no connection in time');
    } else if (this.#paused || (!exchange.requestComplete && this.#output.pending === 0)) {
      // The client is what is waited for, and its connection has time-outs of its own.
      this.#extend();
    } else {
      this.#fail('upstream_timeout', 'no answer in time');
    }
  }

  #complete(exchange: ForwardedExchange, clean: boolean): void {
    this.#exchange = null;
    this.#pool.succeeded();
    if (clean && exchange.requestComplete && this.#output.pending === 0 && this.usable) {
      this.#served++;
      this.#pool.freed(this);
    } else {
      this.destroy();
    }
    exchange.complete();
  }

  #endTunnel(exchange: ForwardedExchange): void {
    this.destroy();
    exchange.upstreamEnded();
  }

  /** The connection ended before the response did. */
  #broken(code: EngineErrorCode, reason: string): void {
    const exchange = this.#exchange;
    if (exchange === null) return;
    const unsent = this.#output.queue.length >= exchange.requestText.length;
    const stale = this.#served > 0 && !this.#answering && !exchange.retried;
    if (stale && exchange.replayable && (exchange.idempotent || unsent)) {
      this.destroy();
      exchange.retried = true;
      this.#pool.retry(exchange);
    } else {
      this.#fail(code, reason);
    }
  }

  #fail(code: EngineErrorCode, reason: string): void {
    const exchange = this.#exchange;
    this.destroy();
    if (exchange !== null) this.#pool.failed(exchange, code, reason);
  }

  #extend(): void {
    if (this.#tunnel) return;
    this.#pool.wheel.schedule(this, this.#pool.wheel.time + this.#pool.timeoutMs);
  }
}
