import { once } from 'node:events';
import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { within } from './latch.ts';
import { track } from './resources.ts';

/** Longest wait for bytes or for the end of a connection, ms. */
const DEFAULT_TIMEOUT = 5_000;

/** Where to connect: a port of 127.0.0.1, or the path of a unix socket. */
export type Target = number | string;

/** A client that sends exactly the given bytes and shows exactly the bytes that came. Text is latin1: one character, one byte. */
export class RawClient {
  readonly #socket: Socket;
  readonly #untrack: () => void;
  #received = '';
  #read = 0;
  #state: 'open' | 'ended' | 'reset' = 'open';
  #wake: () => void = () => {};

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#untrack = track({ stop: async () => this.destroy(), abandon: () => this.destroy() });
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.#received += chunk.toString('latin1');
      this.#wake();
    });
    socket.on('end', () => this.#finish('ended'));
    socket.on('error', () => this.#finish('reset'));
    socket.on('close', () => this.#finish('ended'));
  }

  /** All that was received since the connection was made. */
  get received(): string {
    return this.#received;
  }

  /** `ended`: the other side closed in good order; `reset`: with an error. */
  get state(): 'open' | 'ended' | 'reset' {
    return this.#state;
  }

  send(bytes: string | Buffer): void {
    this.#socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** Says that nothing more will be sent; answers can still come. */
  end(): void {
    this.#socket.end();
  }

  /** Breaks off with a TCP reset. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  destroy(): void {
    this.#untrack();
    this.#socket.destroy();
  }

  /** Stops reading, so that the other side's writes back up. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Waits until `count` more bytes came and takes them. */
  readBytes(count: number, timeout: number = DEFAULT_TIMEOUT): Promise<string> {
    return this.#take(() => (this.#unread().length >= count ? count : -1), `${count} bytes`, timeout);
  }

  /** Waits until `marker` came and takes all up to its end. */
  readUntil(marker: string, timeout: number = DEFAULT_TIMEOUT): Promise<string> {
    const end = (): number => {
      const at = this.#unread().indexOf(marker);
      return at === -1 ? -1 : at + marker.length;
    };
    return this.#take(end, JSON.stringify(marker), timeout);
  }

  /** Waits until the other side has closed and takes all that is left. */
  async readToEnd(timeout: number = DEFAULT_TIMEOUT): Promise<string> {
    const closed = this.#until(() => this.#state !== 'open');
    await within(closed, timeout, () => `the connection was not closed; received ${JSON.stringify(this.#unread())}`);
    return this.#consume(this.#unread().length);
  }

  async #take(end: () => number, what: string, timeout: number): Promise<string> {
    const came = this.#until(() => end() !== -1 || this.#state !== 'open');
    await within(came, timeout, () => `waited for ${what}; received ${JSON.stringify(this.#unread())}`);
    const length = end();
    if (length === -1) {
      throw new Error(`waited for ${what}; connection ${this.#state} after ${JSON.stringify(this.#unread())}`);
    }
    return this.#consume(length);
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  #unread(): string {
    return this.#received.slice(this.#read);
  }

  #consume(length: number): string {
    const text = this.#received.slice(this.#read, this.#read + length);
    this.#read += length;
    return text;
  }

  #finish(state: 'ended' | 'reset'): void {
    if (this.#state === 'open') this.#state = state;
    this.#wake();
  }
}

export async function connectRaw(target: Target): Promise<RawClient> {
  const where = typeof target === 'number' ? { port: target, host: '127.0.0.1' } : { path: target };
  const socket = createConnection({ ...where, allowHalfOpen: true });
  await once(socket, 'connect');
  return new RawClient(socket);
}

/** Sends `bytes` on a new connection and answers with all that came until the other side closed. */
export async function exchange(
  target: Target,
  bytes: string | Buffer,
  timeout: number = DEFAULT_TIMEOUT,
): Promise<string> {
  const client = await connectRaw(target);
  try {
    client.send(bytes);
    return await client.readToEnd(timeout);
  } finally {
    client.destroy();
  }
}
