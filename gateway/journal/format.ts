/**
 * A segment is a row of frames: 2 bytes 'TG', kind (1), zero (1), payload length (4), payload, CRC-32 (4) of all before
 * it. Numbers are little-endian. The first frame is the header; each later one holds entries.
 */
export const FRAME = { header: 1, entries: 2, seal: 3 } as const;
export const FRAME_OVERHEAD = 12;
/** Payloads that a writer makes; a reader takes no more than twice that for a length. */
export const MAX_PAYLOAD = 64 * 1024;
export const MAGIC_0 = 0x54;
export const MAGIC_1 = 0x47;
export const VERSION = 1;

/** Entry types, first byte of each entry. */
export const ENTRY = {
  owner: 1,
  metric: 2,
  use: 3,
  code: 4,
  openLease: 5,
  closeLease: 6,
  hold: 7,
  sending: 8,
  resolve: 9,
  aside: 10,
} as const;

export const OWNER_KINDS = ['application', 'user_key', 'app_id'] as const;
/** Set in an owner's kind when nobody vouched for it. */
export const UNKNOWN_OWNER = 0x80;

/** Bytes of each entry of fixed size, type included. */
export const SIZE = {
  use: 33,
  code: 15,
  openLease: 25,
  closeLease: 5,
  hold: 25,
  sending: 5,
  resolve: 5,
  aside: 21,
} as const;
/** Bytes of an owner's or metric's entry beside its text. */
export const OWNER_FIXED = 10;
export const METRIC_FIXED = 7;
/** Longest service, application or metric name in bytes; longer ones are refused long before. */
export const MAX_TEXT = 16_384;

/** First frame of a segment. */
export interface SegmentHeader {
  readonly epoch: string;
  readonly sequence: number;
  /** Wall clock when the segment was begun, ms. */
  readonly createdAt: number;
}

export const MINUTE_MS = 60_000;
