/** Signed 64-bit integers: the range of every counter. */
export const MAX_INTEGER = 9_223_372_036_854_775_807n;
export const MIN_INTEGER = -9_223_372_036_854_775_808n;

export function fits(value: bigint): boolean {
  return value >= MIN_INTEGER && value <= MAX_INTEGER;
}

export function smallest(values: readonly bigint[]): bigint {
  return values.reduce((least, value) => (value < least ? value : least));
}
