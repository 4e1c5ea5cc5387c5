import type { Socket } from 'node:net';
import type { BufferPool } from './buffer-pool.ts';
import { ByteQueue } from './byte-queue.ts';

/** A connection holds at most this much that its peer has not taken, and a little more: then its source is paused. */
export const HIGH_WATER = 65_536;

/** Who is told that a socket's unsent bytes are gone. */
export interface OutputOwner {
  readonly socket: Socket;
  /** Everything was written and nothing is left in the socket. */
  drained(): void;
  /** The peer did not take everything: `drained` follows when it has. */
  blocked(): void;
}

/** Where outputs wait for the end of the tick. */
export interface FlushSchedule {
  /** For large parts of what goes out. */
  readonly buffers: BufferPool;
  flushLater(output: Output): void;
}

/** What goes out over one socket: collected during a tick of the event loop, written once at its end. */
export class Output {
  readonly queue: ByteQueue;
  readonly #owner: OutputOwner;
  readonly #schedule: FlushSchedule;
  readonly #counter: { bytesOut: number };
  /** Buffers that the socket may not have written yet. */
  readonly #borrowed: Buffer[] = [];
  /** In the schedule of this tick. */
  scheduled = false;

  constructor(owner: OutputOwner, schedule: FlushSchedule, counter: { bytesOut: number }) {
    this.#counter = counter;
    this.#owner = owner;
    this.#schedule = schedule;
    this.queue = new ByteQueue(schedule.buffers);
  }

  /** Bytes that the peer's side has not taken. */
  get pending(): number {
    return this.queue.length + this.#owner.socket.writableLength;
  }

  /** Whoever fills this output should stop until `drained`. */
  get full(): boolean {
    return this.pending >= HIGH_WATER;
  }

  text(text: string): void {
    this.queue.addText(text);
    if (!this.scheduled) this.#schedule.flushLater(this);
  }

  bytes(bytes: Buffer, start: number, end: number): void {
    this.queue.addBytes(bytes, start, end);
    if (!this.scheduled) this.#schedule.flushLater(this);
  }

  take(queue: ByteQueue): void {
    this.queue.take(queue);
    if (!this.scheduled) this.#schedule.flushLater(this);
  }

  /** The socket's own buffer is empty. */
  socketDrained(): void {
    if (this.#owner.socket.writableLength > 0) return;
    this.#schedule.buffers.giveBack(this.#borrowed);
    if (this.queue.length === 0) this.#owner.drained();
  }

  /** Writes what was collected. */
  flush(): void {
    this.scheduled = false;
    const { socket } = this.#owner;
    if (this.queue.length === 0) return;
    if (socket.destroyed || socket.writableEnded) {
      this.queue.clear();
      return;
    }
    this.#counter.bytesOut += this.queue.length;
    this.queue.writeTo(socket, this.#borrowed);
    if (socket.writableLength > 0) {
      this.#owner.blocked();
      return;
    }
    if (this.#borrowed.length > 0) this.#schedule.buffers.giveBack(this.#borrowed);
    this.#owner.drained();
  }
}
