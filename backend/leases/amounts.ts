/** JSON's exact integers end here; the store's are of 64 bits. */
const MAX = BigInt(Number.MAX_SAFE_INTEGER);

/** An amount as JSON carries it: what is larger becomes the largest exact integer, of either sign. */
export function toWire(amount: bigint): number {
  if (amount > MAX) return Number.MAX_SAFE_INTEGER;
  if (amount < -MAX) return -Number.MAX_SAFE_INTEGER;
  return Number(amount);
}

export function notNegative(amount: bigint): number {
  return amount < 0n ? 0 : toWire(amount);
}
