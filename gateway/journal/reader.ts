import { crc32 } from './crc.ts';
import { FRAME, FRAME_OVERHEAD, MAGIC_0, MAGIC_1, MAX_PAYLOAD, VERSION, type SegmentHeader } from './format.ts';

/** A frame whose checksum is right. */
export interface Frame {
  readonly kind: number;
  readonly payload: Buffer;
  /** Offset of the byte after it. */
  readonly end: number;
}

/** What a reader met that it could not read. */
export interface Damage {
  /** Runs of bytes skipped between good frames. */
  readonly skipped: number;
  readonly skippedBytes: number;
  /** Bytes after the last good frame: a torn tail, where the process died in the middle of a write. */
  readonly tailBytes: number;
}

/**
 * Walks the frames of a segment. What cannot be read is skipped up to the next frame whose checksum is right, so a
 * damaged length cannot lead astray, and it always goes forward.
 */
export class FrameReader {
  /** Offset after the last good frame. */
  goodEnd = 0;
  skipped = 0;
  skippedBytes = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  next(): Frame | null {
    for (let at = this.goodEnd; at + FRAME_OVERHEAD < this.#bytes.length; at++) {
      at = this.#bytes.indexOf(MAGIC_0, at);
      if (at === -1) return null;
      const frame = this.#frameAt(at);
      if (frame === null) continue;
      if (at > this.goodEnd) {
        this.skipped += 1;
        this.skippedBytes += at - this.goodEnd;
      }
      this.goodEnd = frame.end;
      return frame;
    }
    return null;
  }

  /** To be asked when `next` has answered null. */
  get damage(): Damage {
    return { skipped: this.skipped, skippedBytes: this.skippedBytes, tailBytes: this.#bytes.length - this.goodEnd };
  }

  #frameAt(at: number): Frame | null {
    const bytes = this.#bytes;
    if (bytes[at + 1] !== MAGIC_1 || bytes[at + 3] !== 0 || at + FRAME_OVERHEAD > bytes.length) return null;
    const length = bytes.readUInt32LE(at + 4);
    const end = at + FRAME_OVERHEAD + length;
    if (length === 0 || length > 2 * MAX_PAYLOAD || end > bytes.length) return null;
    if (crc32(bytes.subarray(at, end - 4)) !== bytes.readUInt32LE(end - 4)) return null;
    return { kind: bytes[at + 2] ?? 0, payload: bytes.subarray(at + 8, end - 4), end };
  }
}

/** Null when it is no header of a version that is known. */
export function readHeader(frame: Frame): SegmentHeader | null {
  const { kind, payload } = frame;
  if (kind !== FRAME.header || payload.length !== 34 || payload.readUInt16LE(0) !== VERSION) return null;
  return {
    epoch: payload.toString('hex', 2, 18),
    sequence: payload.readDoubleLE(18),
    createdAt: payload.readDoubleLE(26),
  };
}
