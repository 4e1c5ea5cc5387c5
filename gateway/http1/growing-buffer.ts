const FIRST_SIZE = 2_048;
const NOTHING = Buffer.alloc(0);

/** Received bytes that cannot be used yet: `bytes[start, end)`. */
export class GrowingBuffer {
  bytes: Buffer = NOTHING;
  start = 0;
  end = 0;

  get length(): number {
    return this.end - this.start;
  }

  add(bytes: Buffer, start: number, end: number): void {
    const added = end - start;
    if (this.end + added > this.bytes.length) this.#makeRoom(added);
    bytes.copy(this.bytes, this.end, start, end);
    this.end += added;
  }

  /** Gives up what is before `offset`. */
  consume(offset: number): void {
    this.start = Math.min(offset, this.end);
    if (this.start === this.end) this.clear();
  }

  clear(): void {
    this.bytes = NOTHING;
    this.start = 0;
    this.end = 0;
  }

  #makeRoom(added: number): void {
    const { bytes, length } = this;
    const needed = length + added;
    const room = needed <= bytes.length / 2 ? bytes : Buffer.allocUnsafeSlow(Math.max(FIRST_SIZE, needed, length * 2));
    bytes.copy(room, 0, this.start, this.end);
    this.bytes = room;
    this.start = 0;
    this.end = length;
  }
}
