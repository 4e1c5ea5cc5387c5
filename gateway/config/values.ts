/** A value that cannot be used; the message says what would be right. */
export class ValueError extends Error {}

/** Turns text into a value, or throws ValueError. */
export type Parser<T> = (text: string) => T;

export const text: Parser<string> = (value) => value;

/** Decimal digits only: `1e3`, `0x10` and ` 5` are refused. */
export function integer(minimum: number, maximum: number): Parser<number> {
  return (value) => {
    const number = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= minimum && number <= maximum) return number;
    throw new ValueError(`${quote(value)} is not a whole number from ${minimum} to ${maximum}`);
  };
}

export const port = integer(0, 65_535);

/** Seconds, with a fraction if need be. */
export function seconds(minimum: number, maximum: number): Parser<number> {
  return (value) => {
    const number = /^\d{1,9}(\.\d{1,3})?$/.test(value) ? Number(value) : Number.NaN;
    if (number >= minimum && number <= maximum) return number;
    throw new ValueError(`${quote(value)} is not a number of seconds from ${minimum} to ${maximum}`);
  };
}

export function choice<const T extends string>(...values: readonly T[]): Parser<T> {
  return (value) => {
    const found = values.find((candidate) => candidate === value);
    if (found !== undefined) return found;
    throw new ValueError(`${quote(value)} is not one of ${values.join(', ')}`);
  };
}

const DURATION_UNITS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);
const SIZE_UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['B', 1],
  ['KiB', 2 ** 10],
  ['MiB', 2 ** 20],
  ['GiB', 2 ** 30],
  ['TiB', 2 ** 40],
]);

/** Milliseconds of `500ms`, `10s`, `1.5m`, `2h`, `7d`. */
export const duration: Parser<number> = (value) => {
  const [, number = '', unit = ''] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/.exec(value) ?? [];
  const factor = DURATION_UNITS.get(unit);
  if (factor === undefined) throw new ValueError(`${quote(value)} is not a duration such as 500ms, 10s or 5m`);
  return Math.round(Number(number) * factor);
};

/** Bytes of `1048576`, `64KiB`, `1GiB`. */
export const size: Parser<number> = (value) => {
  const [, number = '', unit = ''] = /^(\d{1,15})([KMGT]iB|B)?$/.exec(value) ?? [value, 'none'];
  const bytes = Number(number) * (SIZE_UNITS.get(unit) ?? 1);
  if (!Number.isSafeInteger(bytes))
    throw new ValueError(`${quote(value)} is not a size in bytes such as 1048576, 64KiB or 1GiB`);
  return bytes;
};

/** For messages: what was given, shortened. */
export function quote(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
}
