import { randomBytes } from 'node:crypto';

/** A number in [0, 1), for jitter. */
export function random(): number {
  return randomBytes(4).readUInt32LE() / 2 ** 32;
}
