const FIRST_SIZE = 2_048;

/** Received bytes that cannot be used yet. */
export class GrowingBuffer {
  length = 0;
  #buffer: Buffer | null = null;

  add(bytes: Buffer, start: number, end: number): void {
    const needed = this.length + end - start;
    if (this.#buffer === null || this.#buffer.length < needed) {
      const larger = Buffer.allocUnsafeSlow(Math.max(FIRST_SIZE, needed, this.length * 2));
      this.#buffer?.copy(larger, 0, 0, this.length);
      this.#buffer = larger;
    }
    bytes.copy(this.#buffer, this.length, start, end);
    this.length = needed;
  }

  /** Takes out all bytes: the first `length` of the buffer that is returned. */
  take(): Buffer | null {
    const taken = this.#buffer;
    this.#buffer = null;
    this.length = 0;
    return taken;
  }
}
