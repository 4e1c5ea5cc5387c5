import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { systemClock } from '../../shared/clock.ts';
import type { Timer } from '../../shared/clock.ts';
import type { Delivery } from './attack-case.ts';

/** What the client saw. */
export interface Outcome {
  readonly bytes: Buffer;
  /** The other side closed. */
  readonly closed: boolean;
  /** Why the client stopped waiting. */
  readonly why: string;
  readonly ms: number;
}

export interface Patience {
  /** Longest wait in all, and without a new byte, ms. */
  readonly most: number;
  readonly idle: number;
  /** Longest pause between two parts of a slow delivery, ms. */
  readonly pause: number;
}

/** Sends the bytes in the way that the case wants, and collects what comes until nothing more does. */
export function deliver(port: number, bytes: Buffer, delivery: Delivery, patience: Patience): Promise<Outcome> {
  return new Promise((resolve) => new Client(port, bytes, delivery, patience, resolve));
}

class Client {
  readonly #socket: Socket;
  readonly #bytes: Buffer;
  readonly #delivery: Delivery;
  readonly #patience: Patience;
  readonly #resolve: (outcome: Outcome) => void;
  readonly #started = systemClock.monotonic();
  readonly #received: Buffer[] = [];
  readonly #hard: Timer;
  #idle: Timer | null = null;
  #closed = false;
  #done = false;

  constructor(port: number, bytes: Buffer, delivery: Delivery, patience: Patience, resolve: (o: Outcome) => void) {
    this.#bytes = bytes;
    this.#delivery = delivery;
    this.#patience = patience;
    this.#resolve = resolve;
    this.#hard = systemClock.after(patience.most, () => this.#finish('max'));
    this.#socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    this.#socket.on('data', (data: Buffer) => {
      this.#received.push(data);
      if (delivery.mode !== 'slow-read') this.#wait();
    });
    this.#socket.on('end', () => this.#end('end'));
    this.#socket.on('error', () => this.#end('error'));
    this.#socket.on('close', () => {
      this.#closed = true;
      this.#finish('close');
    });
    this.#socket.on('connect', () => void this.#send());
  }

  async #send(): Promise<void> {
    const socket = this.#socket;
    const delivery = this.#delivery;
    const body = this.#bytes.indexOf('\r\n\r\n') + 4;
    switch (delivery.mode) {
      case 'drip':
        await this.#drip(delivery.from === 'body' ? body : 0, delivery.bytes ?? 1, delivery.interval_ms ?? 0);
        break;
      case 'half-close':
        socket.end(this.#bytes);
        break;
      case 'close-after':
        socket.write(this.#bytes);
        await sleep(delivery.ms ?? 0);
        socket.end();
        this.#wait();
        break;
      case 'rst':
        socket.write(this.#bytes);
        await sleep(100);
        socket.resetAndDestroy();
        break;
      case 'expect-100':
        socket.write(this.#bytes.subarray(0, body));
        await sleep(300);
        socket.write(this.#bytes.subarray(body));
        break;
      case 'slow-read':
        await this.#readSlowly(delivery.read_bytes ?? 1);
        break;
      case 'once':
      case 'stall':
      case 'upstream-timeout':
        if (this.#bytes.length > 0) socket.write(this.#bytes);
    }
  }

  async #drip(from: number, size: number, interval: number): Promise<void> {
    if (from > 0) this.#socket.write(this.#bytes.subarray(0, from));
    for (let at = from; at < this.#bytes.length && !this.#done; at += size) {
      this.#socket.write(this.#bytes.subarray(at, at + size));
      await sleep(Math.min(interval, this.#patience.pause));
    }
    if (interval <= 5) this.#wait();
  }

  async #readSlowly(size: number): Promise<void> {
    this.#socket.pause();
    this.#socket.write(this.#bytes);
    for (let i = 0; i < 8 && !this.#done; i++) {
      await sleep(300);
      this.#socket.read(size);
    }
    this.#finish('slow');
  }

  #wait(): void {
    this.#idle?.cancel();
    if (!this.#done) this.#idle = systemClock.after(this.#patience.idle, () => this.#finish('idle'));
  }

  #end(why: string): void {
    this.#closed = true;
    systemClock.after(20, () => this.#finish(why));
  }

  #finish(why: string): void {
    if (this.#done) return;
    this.#done = true;
    this.#idle?.cancel();
    this.#hard.cancel();
    this.#socket.destroy();
    const ms = Math.round(systemClock.monotonic() - this.#started);
    this.#resolve({ bytes: Buffer.concat(this.#received), closed: this.#closed, why, ms });
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => void systemClock.after(ms, resolve));
}
