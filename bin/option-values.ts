import { InvalidArgumentError } from 'commander';

/** A TCP port from a flag; 0 stands for any free one. */
export function portNumber(text: string): number {
  return wholeNumber(text, 0, 65_535);
}

/** A time-out from a flag, ms: at least 1, at most an hour. */
export function milliseconds(text: string): number {
  return wholeNumber(text, 1, 3_600_000);
}

/** A time-out from a flag, seconds: at least 1, at most a day. */
export function seconds(text: string): number {
  return wholeNumber(text, 1, 86_400);
}

function wholeNumber(text: string, min: number, max: number): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new InvalidArgumentError(`use a whole number from ${min} to ${max}.`);
}
