import type { Socket } from 'node:net';
import type { ByteSink } from './client-reader.ts';
import { Output } from './output.ts';
import type { OutputOwner } from './output.ts';
import { peerLines } from './request-writer.ts';
import type { ServerCore } from './server-core.ts';
import { Timed } from './timer-wheel.ts';
import { plainAddress } from './trusted-proxies.ts';

/** How long (ms) a client has to close its side after ours. */
const LINGER_MS = 1_000;

/**
 * What a client connection has to do with its socket, whatever is spoken on it: output with back-pressure, two
 * deadlines (of the present phase, and for the client to take what was sent), and the ways to end it.
 */
export abstract class ClientSocket<Context> extends Timed implements OutputOwner, ByteSink {
  readonly server: ServerCore<Context>;
  readonly socket: Socket;
  readonly peer: string;
  readonly peerTrusted: boolean;
  readonly peerLines: string;
  protected readonly output: Output;
  protected paused = false;
  /** The client has sent its last byte. */
  protected ended = false;
  /** Monotonic ms. */
  #phaseEnd = Infinity;
  #takenBy = Infinity;
  /** What this connection has in the server's count of buffered bytes. */
  #buffered = 0;

  constructor(server: ServerCore<Context>, accepted: Socket) {
    super();
    this.server = server;
    this.socket = server.reader.adopt(accepted, this);
    this.output = new Output(this, server.tick.clients, server.counters);
    this.peer = plainAddress(this.socket.remoteAddress);
    this.peerTrusted = server.proxies.has(this.peer);
    this.peerLines = peerLines(this.peer);
    const { socket } = this;
    socket.on('drain', () => server.guard(() => this.output.socketDrained()));
    socket.on('end', () => {
      this.ended = true;
      server.guard(() => this.inputEnded());
    });
    // What went wrong is told by `close`, which follows.
    socket.on('error', () => {});
    socket.on('close', () => server.guard(() => this.#close()));
  }

  protected abstract received(bytes: Buffer, length: number): void;
  protected abstract inputEnded(): void;
  protected abstract outputDrained(): void;
  protected abstract phaseExpired(now: number): void;
  /** The socket is gone. */
  protected abstract closed(): void;
  /** Received bytes that are held. */
  protected abstract get held(): number;

  get full(): boolean {
    return this.output.full;
  }

  sendText(text: string): void {
    this.output.text(text);
  }

  sendBytes(bytes: Buffer, start: number, end: number): void {
    this.output.bytes(bytes, start, end);
  }

  drained(): void {
    this.#takenBy = Infinity;
    if (this.#buffered > 0) this.count();
    this.outputDrained();
  }

  blocked(): void {
    this.count();
    if (this.#takenBy !== Infinity) return;
    this.#takenBy = this.server.wheel.time + this.server.config.bodyTimeoutMs;
    this.#schedule();
  }

  expire(now: number): void {
    if (this.#takenBy <= now) {
      this.socket.destroy();
      return;
    }
    if (this.#phaseEnd <= now) {
      this.#phaseEnd = Infinity;
      this.phaseExpired(now);
    }
    this.#schedule();
  }

  protected pause(): void {
    if (this.paused || this.socket.destroyed) return;
    this.paused = true;
    this.count();
    this.socket.pause();
  }

  /** The phase ends in `ms` from now. */
  protected until(ms: number): void {
    this.untilTime(this.server.wheel.time + ms);
  }

  protected untilTime(deadline: number): void {
    this.#phaseEnd = deadline;
    this.#schedule();
  }

  /** Our side ends; the client has a moment to end its own. */
  protected endOutput(): void {
    if (this.socket.writableEnded) return;
    this.socket.end();
    this.until(LINGER_MS);
  }

  /** Keeps the server's count of buffered bytes right. */
  protected count(): void {
    const buffered = this.socket.destroyed ? 0 : this.output.pending + this.held;
    this.server.counters.buffered += buffered - this.#buffered;
    this.#buffered = buffered;
  }

  #schedule(): void {
    this.server.wheel.schedule(this, Math.min(this.#phaseEnd, this.#takenBy));
  }

  /** Part of ByteSink. */
  receive(bytes: Buffer, length: number): void {
    this.server.counters.bytesIn += length;
    try {
      this.received(bytes, length);
    } catch (error) {
      this.server.events.fault(error);
      this.socket.destroy();
    }
  }

  #close(): void {
    this.server.wheel.cancel(this);
    this.count();
    this.closed();
  }
}
