import type { Socket } from 'node:net';
import type { BufferPool } from './buffer-pool.ts';
import { latin1 } from './latin1.ts';

/** Parts up to this size are joined as text, so that one write takes them; larger ones are copied to a buffer each. */
const TEXT_LIMIT = 8_192;

/** Bytes on their way out, in order. What is added is copied: the read buffers are used again. */
export class ByteQueue {
  length = 0;
  readonly #pool: BufferPool;
  #text = '';
  #parts: (string | Buffer)[] = [];
  /** Buffers of the pool that `#parts` are views of. */
  #borrowed: Buffer[] = [];

  constructor(pool: BufferPool) {
    this.#pool = pool;
  }

  /** Adds text of one byte per character. */
  addText(text: string): void {
    this.#text += text;
    this.length += text.length;
  }

  /** Adds at most 64 KiB. */
  addBytes(bytes: Buffer, start: number, end: number): void {
    const length = end - start;
    if (length <= TEXT_LIMIT) {
      this.addText(latin1(bytes, start, end));
      return;
    }
    const copy = this.#pool.copy(bytes, start, end);
    this.#endText();
    this.#parts.push(copy.subarray(0, length));
    this.#borrowed.push(copy);
    this.length += length;
  }

  /** Moves all of `other` to the end of this one. */
  take(other: ByteQueue): void {
    if (other.#parts.length > 0) {
      this.#endText();
      this.#parts.push(...other.#parts);
      this.#borrowed.push(...other.#borrowed);
      other.#borrowed = [];
    }
    this.#text += other.#text;
    this.length += other.length;
    other.clear();
  }

  /** All bytes; the queue keeps them. */
  peek(): Buffer {
    const parts = [...this.#parts, this.#text];
    return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)));
  }

  /** All bytes as text, which empties the queue; null when a part is too large for that. */
  takeText(): string | null {
    if (this.#parts.length > 0) return null;
    const text = this.#text;
    this.clear();
    return text;
  }

  /** Hands everything to the socket in one write; the buffers in it are `borrowed` until they are written. */
  writeTo(socket: Socket, borrowed: Buffer[]): void {
    const parts = this.#parts;
    if (parts.length === 0) {
      socket.write(this.#text, 'latin1');
    } else {
      socket.cork();
      for (const part of parts) {
        if (typeof part === 'string') socket.write(part, 'latin1');
        else socket.write(part);
      }
      if (this.#text !== '') socket.write(this.#text, 'latin1');
      socket.uncork();
      borrowed.push(...this.#borrowed);
      this.#borrowed = [];
    }
    this.clear();
  }

  clear(): void {
    this.#text = '';
    this.length = 0;
    if (this.#parts.length === 0) return;
    this.#parts = [];
    this.#pool.giveBack(this.#borrowed);
  }

  #endText(): void {
    if (this.#text !== '') this.#parts.push(this.#text);
    this.#text = '';
  }
}
