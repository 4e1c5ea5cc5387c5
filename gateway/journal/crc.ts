import * as zlib from 'node:zlib';

/** CRC-32 (ISO 3309) of bytes; `value` continues an earlier one. Node has it since 20.15 and 22.2; before that a table. */
export const crc32: (data: Uint8Array, value?: number) => number = 'crc32' in zlib ? zlib.crc32 : tableCrc32;

const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

export function tableCrc32(data: Uint8Array, value = 0): number {
  let crc = ~value;
  for (const byte of data) crc = (TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}
