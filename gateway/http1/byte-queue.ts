import type { Socket } from 'node:net';
import { latin1 } from './latin1.ts';

/** Parts up to this size are joined as text, so that one write takes them; larger ones are copied to a buffer each. */
const TEXT_LIMIT = 8_192;

/** Bytes on their way out, in order. What is added is copied: the read buffers are used again. */
export class ByteQueue {
  length = 0;
  #text = '';
  #parts: (string | Buffer)[] = [];

  /** Adds text of one byte per character. */
  addText(text: string): void {
    this.#text += text;
    this.length += text.length;
  }

  addBytes(bytes: Buffer, start: number, end: number): void {
    if (end - start <= TEXT_LIMIT) {
      this.addText(latin1(bytes, start, end));
      return;
    }
    if (this.#text !== '') this.#parts.push(this.#text);
    this.#text = '';
    this.#parts.push(Buffer.from(bytes.subarray(start, end)));
    this.length += end - start;
  }

  /** Moves all of `other` to the end of this one. */
  take(other: ByteQueue): void {
    if (other.#parts.length > 0) {
      if (this.#text !== '') this.#parts.push(this.#text);
      this.#parts.push(...other.#parts);
      this.#text = '';
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

  /** Hands everything to the socket in one write. */
  writeTo(socket: Socket): void {
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
    }
    this.clear();
  }

  clear(): void {
    this.#text = '';
    if (this.#parts.length > 0) this.#parts = [];
    this.length = 0;
  }
}
