import { crc32 } from './crc.ts';
import { FRAME_OVERHEAD, MAGIC_0, MAGIC_1, MAX_PAYLOAD } from './format.ts';

/** A growing buffer in which one write of the journal is put together; reused for every write. */
export class Output {
  bytes: Buffer;
  length = 0;
  /** Of the same memory: the engine compiles its accesses into single instructions. */
  #view: DataView;
  #frameStart = 0;
  #kind = 0;

  constructor(size = 16 * 1024) {
    this.bytes = Buffer.allocUnsafeSlow(size);
    this.#view = viewOf(this.bytes);
  }

  clear(): void {
    this.length = 0;
  }

  beginFrame(kind: number): void {
    this.reserve(FRAME_OVERHEAD);
    this.#frameStart = this.length;
    this.#kind = kind;
    this.bytes[this.length] = MAGIC_0;
    this.bytes[this.length + 1] = MAGIC_1;
    this.bytes[this.length + 2] = kind;
    this.bytes[this.length + 3] = 0;
    this.length += 8;
  }

  /** Closes the frame; one without payload is dropped. */
  endFrame(): void {
    const payload = this.length - this.#frameStart - 8;
    if (payload === 0) {
      this.length = this.#frameStart;
      return;
    }
    this.reserve(4);
    this.bytes.writeUInt32LE(payload, this.#frameStart + 4);
    const crc = crc32(this.bytes.subarray(this.#frameStart, this.length));
    this.bytes.writeUInt32LE(crc, this.length);
    this.length += 4;
  }

  /** Makes room for an entry of `size` bytes, in a new frame when this one would grow too large. */
  entry(size: number): void {
    if (this.length - this.#frameStart + size > MAX_PAYLOAD) {
      this.endFrame();
      this.beginFrame(this.#kind);
    }
    this.reserve(size);
  }

  reserve(size: number): void {
    if (this.length + size <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.length + size));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
    this.#view = viewOf(larger);
  }

  u8(value: number): void {
    this.bytes[this.length] = value;
    this.length += 1;
  }

  u16(value: number): void {
    this.#view.setUint16(this.length, value, true);
    this.length += 2;
  }

  u32(value: number): void {
    this.#view.setUint32(this.length, value, true);
    this.length += 4;
  }

  f64(value: number): void {
    this.#view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  /** Text with its length in bytes (u16) before it. */
  text(value: string, byteLength: number): void {
    this.u16(byteLength);
    this.length += this.bytes.write(value, this.length, byteLength, 'utf8');
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
