/** Size of each buffer: what one read can bring. */
const SIZE = 65_536;
/** Free buffers that are kept; more are left to the collector. */
const MAX_FREE = 64;

/** Buffers for large parts of bodies on their way out: most are written at once, and used again. */
export class BufferPool {
  readonly #free: Buffer[] = [];

  /** A copy of `bytes[start, end)`, at most 64 KiB, at the start of a buffer that is to be given back. */
  copy(bytes: Buffer, start: number, end: number): Buffer {
    const buffer = this.#free.pop() ?? Buffer.allocUnsafeSlow(SIZE);
    bytes.copy(buffer, 0, start, end);
    return buffer;
  }

  /** Nobody reads these any more. */
  giveBack(buffers: Buffer[]): void {
    for (const buffer of buffers) {
      if (this.#free.length < MAX_FREE) this.#free.push(buffer);
    }
    buffers.length = 0;
  }
}
