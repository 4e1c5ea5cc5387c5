import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { systemClock } from '../../shared/clock.ts';

/** What a link does to the bytes that pass. Every field at its default: it is a wire. */
export interface LinkFaults {
  /** Milliseconds that each part of an answer is held back. */
  delayMs: number;
  /** Nothing passes in either direction and nothing is closed: a half-open connection. */
  silent: boolean;
  /** New connections are refused, open ones are reset. */
  cut: boolean;
  /** Chance that an answer is dropped and the connection reset after the other side has acted. */
  dropAnswers: number;
  /** Bytes per second of answers; 0: no bound. */
  rate: number;
  /** Answer for the target with these bytes instead; empty: do not. */
  answer: string;
  /** How often each request with this in its first line is delivered; 1: once. */
  repeat: { readonly pattern: RegExp; readonly times: number } | null;
}

const SOUND: LinkFaults = { delayMs: 0, silent: false, cut: false, dropAnswers: 0, rate: 0, answer: '', repeat: null };

/** A TCP proxy between two of our processes that misbehaves on demand. */
export class Link {
  readonly faults: LinkFaults = { ...SOUND };
  readonly #target: { readonly port: number };
  readonly #random: () => number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  port = 0;

  constructor(targetPort: number, random: () => number) {
    this.#target = { port: targetPort };
    this.#random = random;
    this.#server = createServer((client) => this.#accept(client));
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    this.port = typeof address === 'object' && address !== null ? address.port : 0;
    return this;
  }

  /** Behaves again; connections that were held up are reset. */
  heal(): void {
    const stuck = this.faults.silent;
    Object.assign(this.faults, SOUND);
    if (stuck) this.reset();
  }

  /** Resets every open connection. */
  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    this.reset();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(client: Socket): void {
    if (this.faults.cut) return void client.resetAndDestroy();
    const target = connect({ port: this.#target.port, host: '127.0.0.1', noDelay: true });
    const end = (): void => {
      client.resetAndDestroy();
      target.resetAndDestroy();
      this.#sockets.delete(client);
    };
    this.#sockets.add(client);
    for (const socket of [client, target]) {
      socket.on('error', end);
      socket.on('close', end);
    }
    const request = new RequestCollector();
    client.on('data', (bytes) => this.#forward(bytes, client, target, request));
    target.on('data', (bytes) => this.#answer(bytes, client, end));
  }

  #forward(bytes: Buffer, client: Socket, target: Socket, request: RequestCollector): void {
    if (this.faults.silent) return;
    if (this.faults.answer !== '') return void client.end(this.faults.answer);
    target.write(bytes);
    const { repeat } = this.faults;
    if (repeat === null) return;
    const whole = request.add(bytes, repeat.pattern);
    if (whole !== null) this.#deliverAgain(whole, repeat.times - 1);
  }

  /** The same request on connections of its own, so that it arrives out of order; the answers are read and dropped. */
  #deliverAgain(bytes: Buffer, times: number): void {
    for (let copy = 0; copy < times; copy++) {
      systemClock.after(Math.floor(this.#random() * 500), () => {
        const target = connect({ port: this.#target.port, host: '127.0.0.1' });
        target.on('error', () => target.destroy());
        target.on('data', () => target.destroy());
        target.setTimeout(5_000, () => target.destroy());
        target.write(bytes);
      });
    }
  }

  #answer(bytes: Buffer, client: Socket, end: () => void): void {
    const { silent, dropAnswers, delayMs, rate } = this.faults;
    if (silent) return;
    if (dropAnswers > 0 && this.#random() < dropAnswers) return end();
    const wait = delayMs + (rate > 0 ? (bytes.length * 1000) / rate : 0);
    if (wait === 0) client.write(bytes);
    else systemClock.after(wait, () => client.writable && client.write(bytes));
  }
}

/** Puts a request together from the parts in which it comes. */
class RequestCollector {
  #parts: Buffer[] = [];
  /** Bytes that are still to come; 0: none is being collected. */
  #missing = 0;

  /** The whole request, with its last part; null while it is not complete, and for those without the pattern in their first line. */
  add(bytes: Buffer, pattern: RegExp): Buffer | null {
    if (this.#missing === 0) {
      const head = bytes.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end === -1 || !pattern.test(head.slice(0, head.indexOf('\r\n')))) return null;
      const body = Number(/^content-length: *(\d+)/im.exec(head.slice(0, end))?.[1] ?? 0);
      this.#parts = [];
      this.#missing = end + 4 + body;
    }
    this.#parts.push(bytes);
    this.#missing -= bytes.length;
    if (this.#missing > 0) return null;
    this.#missing = 0;
    return Buffer.concat(this.#parts);
  }
}
