/** A value that cannot be used. */
export class ValueError extends Error {
  readonly wrong: string;
  readonly remedy: string;

  constructor(wrong: string, remedy: string) {
    super(`${wrong}; ${remedy}`);
    this.wrong = wrong;
    this.remedy = remedy;
  }
}

/** Turns text into a value, or throws ValueError. */
export type Parser<T> = (text: string) => T;

/** Seconds, with a fraction if need be. */
export function seconds(minimum: number, maximum: number): Parser<number> {
  return (value) => {
    const number = /^\d{1,9}(\.\d{1,3})?$/.test(value) ? Number(value) : Number.NaN;
    if (number >= minimum && number <= maximum) return number;
    throw new ValueError(`${quote(value)} cannot be used`, `use a number of seconds from ${minimum} to ${maximum}`);
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
  ['B', 1],
  ['KiB', 2 ** 10],
  ['MiB', 2 ** 20],
  ['GiB', 2 ** 30],
  ['TiB', 2 ** 40],
]);

/** As in the JSON Schema, so that an editor and we agree. */
export const DURATION_PATTERN = String.raw`^\d{1,9}(\.\d{1,3})?(ms|s|m|h|d)$`;
export const SIZE_PATTERN = '^\\d{1,15}([KMGT]iB|B)?$';

/** Milliseconds of `500ms`, `10s`, `1.5m`, `2h`, `7d`. */
export const duration: Parser<number> = (value) => {
  const [, number, unit] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/.exec(value) ?? [];
  const factor = DURATION_UNITS.get(unit ?? '');
  if (factor !== undefined) return Math.round(Number(number) * factor);
  throw new ValueError(`${quote(value)} is not a duration`, 'use one such as 500ms, 10s or 5m');
};

/** Bytes of `1048576`, `64KiB`, `1GiB`. */
export const size: Parser<number> = (value) => {
  const [, number, unit] = /^(\d{1,15})([KMGT]iB|B)?$/.exec(value) ?? [];
  const bytes = Number(number) * (SIZE_UNITS.get(unit ?? 'B') ?? Number.NaN);
  if (Number.isSafeInteger(bytes)) return bytes;
  throw new ValueError(`${quote(value)} is not a size`, 'use a number of bytes such as 1048576, 64KiB or 1GiB');
};

/** For messages: what was given, shortened. */
export function quote(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
}
