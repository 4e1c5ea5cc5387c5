import type { Socket } from 'node:net';
import type { ByteQueue } from './byte-queue.ts';
import type { ForwardedExchange, UpstreamSide } from './links.ts';
import { Output } from './output.ts';
import type { FlushSchedule, OutputOwner } from './output.ts';
import { Timed } from './timer-wheel.ts';
import type { TimerWheel } from './timer-wheel.ts';
import type { SocketOwner, UpstreamSockets } from './upstream-socket.ts';

/** What of its pool a link needs. */
interface LinkPool {
  readonly wheel: TimerWheel;
  readonly sockets: UpstreamSockets;
  readonly counters: { bytesOut: number };
}

/**
 * What an upstream connection has to do with its socket, whatever is asked and answered on it: output with
 * back-pressure, and whether the socket can still be used.
 */
export abstract class UpstreamLink extends Timed implements OutputOwner, SocketOwner, UpstreamSide {
  readonly socket: Socket;
  protected readonly output: Output;
  protected readonly wheel: TimerWheel;
  protected open = false;
  protected paused = false;
  /** The upstream has sent its last byte, or the socket is gone. */
  protected atEnd = false;
  /** The request that was begun last was not written yet: no answer to it can have come. */
  protected unsent = false;
  /** The client's side of a tunnel has ended: our side ends when all is written. */
  #ending = false;

  constructor(pool: LinkPool, schedule: FlushSchedule) {
    super();
    this.wheel = pool.wheel;
    this.socket = pool.sockets.open(this);
    this.output = new Output(this, schedule, pool.counters);
  }

  abstract abort(exchange: ForwardedExchange): void;
  abstract resume(): void;
  abstract received(bytes: Buffer, length: number): void;
  abstract ended(): void;
  abstract closed(error: Error | null): void;
  /** The upstream gets its time anew. */
  protected abstract extend(): void;
  /** All that was sent was taken. */
  protected abstract outputDrained(): void;

  get usable(): boolean {
    return !this.atEnd && !this.socket.destroyed;
  }

  get full(): boolean {
    return this.output.full;
  }

  sendText(text: string): void {
    this.output.text(text);
  }

  sendBody(body: ByteQueue): void {
    this.output.take(body);
    this.extend();
  }

  sendBytes(bytes: Buffer, start: number, end: number): void {
    this.output.bytes(bytes, start, end);
  }

  endOutput(): void {
    this.#ending = true;
    if (this.output.pending === 0) this.socket.end();
  }

  /** Waits for another request; gone after `ms`. */
  rest(ms: number): void {
    this.wheel.schedule(this, this.wheel.time + ms);
  }

  connected(): void {
    this.open = true;
    this.extend();
  }

  /** Part of OutputOwner and SocketOwner. */
  drained(): void {
    this.unsent = false;
    if (this.output.queue.length > 0) return;
    if (this.#ending) this.socket.end();
    this.outputDrained();
  }

  /** Part of OutputOwner. */
  blocked(): void {
    this.unsent = false;
  }

  /** The client takes less than comes. */
  protected pause(): void {
    this.paused = true;
    this.socket.pause();
  }
}
