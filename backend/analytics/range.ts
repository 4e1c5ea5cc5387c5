import { Fault, backendErrors } from '../../shared/errors.ts';
import { GRANULARITIES, SPANS, next, shift, startOf, starts } from './calendar.ts';
import type { Granularity, Span } from './calendar.ts';
import { Zone } from './zone.ts';

/** Most values of one answer, by granularity: 10 years of months, 2 years of days, 90 days of hours, 1 day of minutes. */
export const MAX_VALUES: Readonly<Record<Granularity, number>> = { month: 120, day: 732, hour: 2_200, minute: 1_440 };

/** Granularity of a period when none is asked for (3scale's, but for the week, whose 6 hours no counter has). */
const DEFAULT_GRANULARITY: Readonly<Record<Span, Granularity>> = {
  year: 'month',
  month: 'day',
  week: 'day',
  day: 'hour',
};

/** The parameters of a query that say which time it is about. */
export interface RangeParameters {
  readonly since?: string;
  readonly until?: string;
  readonly period?: string;
  readonly granularity?: string;
  readonly timezone?: string;
}

/** A range of whole local buckets. */
export interface TimeRange {
  /** The period that was asked for by name; null: since and until. */
  readonly name: Span | null;
  /** First moment, ms. */
  readonly start: number;
  /** First moment after it, ms. */
  readonly end: number;
  readonly zone: Zone;
  readonly granularity: Granularity;
  /** First moment of each bucket. */
  readonly buckets: readonly number[];
}

/**
 * The range that the parameters name. With `period` it begins at `since`, or ends with the bucket that holds `now`.
 * Throws a Fault that says which parameter is wrong and what it may be.
 */
export function readRange(parameters: RangeParameters, now: number): TimeRange {
  const zone = readZone(parameters.timezone);
  const name = oneOf('period', parameters.period, SPANS);
  if (name === null) requireSinceUntil(parameters);
  const granularity = readGranularity(parameters.granularity, name);
  const [first, last] =
    name === null ? readSinceUntil(parameters, zone) : readPeriod(parameters, name, granularity, zone, now);
  const start = startOf(granularity, first, zone);
  const end = next(granularity, startOf(granularity, last, zone), zone);
  return rangeOf(name, start, end, zone, granularity);
}

/** The range of the same length that ends where this one begins: what `previous_total` is about. */
export function previousRange(range: TimeRange): TimeRange {
  const { name, zone, granularity, start } = range;
  if (name !== null) {
    const before = startOf(granularity, shift(start, name, -1, zone), zone);
    return rangeOf(name, before, start, zone, granularity);
  }
  // The same number of buckets, so that months and days of unequal length compare as a person would.
  let before = start;
  for (let i = 0; i < range.buckets.length; i++) before = startOf(granularity, before - 1, zone);
  return rangeOf(name, before, start, zone, granularity);
}

export function readZone(name: string | undefined): Zone {
  const zone = Zone.of(name ?? 'UTC');
  if (zone !== null) return zone;
  throw invalid(
    `timezone ${quote(name ?? '')} is not known; use a name of the IANA database such as Europe/Madrid or UTC`,
  );
}

/** `YYYY-MM-DD`, with an optional time `HH:MM[:SS]` after a space or T, in the zone or with `Z` or an offset of its own. */
export function readMoment(name: string, text: string, zone: Zone): number {
  const match =
    /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?)?(?: ?(Z|UTC|[+-]\d{2}:?\d{2}))?$/.exec(
      text.trim(),
    );
  const bad = (): Fault =>
    invalid(
      `${name} ${quote(text)} is not a date; use YYYY-MM-DD or YYYY-MM-DD HH:MM:SS, with an offset if it is not in the time zone`,
    );
  if (match === null) throw bad();
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
  const time = {
    year: year ?? 0,
    month: month ?? 0,
    day: day ?? 0,
    hour: hour ?? 0,
    minute: minute ?? 0,
    second: second ?? 0,
  };
  const asUtc = Date.UTC(time.year, time.month - 1, time.day, time.hour, time.minute, time.second);
  const date = new Date(asUtc);
  const exists =
    date.getUTCMonth() === time.month - 1 && date.getUTCDate() === time.day && date.getUTCHours() === time.hour;
  if (!exists || time.minute > 59 || time.second > 59 || time.year < 1970) throw bad();
  const offset = match[7];
  return offset === undefined ? zone.instant(time) : asUtc - offsetOf(offset);
}

function readPeriod(
  parameters: RangeParameters,
  name: Span,
  granularity: Granularity,
  zone: Zone,
  now: number,
): readonly [number, number] {
  if (parameters.until !== undefined)
    throw invalid('until cannot be used with period; give since and until, or period');
  if (parameters.since !== undefined) {
    const since = readMoment('since', parameters.since, zone);
    return [since, shift(since, name, 1, zone) - 1];
  }
  const end = next(granularity, startOf(granularity, now, zone), zone);
  return [shift(end, name, -1, zone), end - 1];
}

function requireSinceUntil(parameters: RangeParameters): void {
  if (parameters.since !== undefined && parameters.until !== undefined) return;
  throw invalid(`give period (one of ${SPANS.join(', ')}), or both since and until`);
}

function readSinceUntil(parameters: RangeParameters, zone: Zone): readonly [number, number] {
  const since = readMoment('since', parameters.since ?? '', zone);
  const until = readMoment('until', parameters.until ?? '', zone);
  if (until < since) throw invalid('until is before since');
  return [since, until];
}

function readGranularity(text: string | undefined, name: Span | null): Granularity {
  const granularity = oneOf('granularity', text, GRANULARITIES);
  if (granularity !== null) return granularity;
  if (name !== null) return DEFAULT_GRANULARITY[name];
  throw invalid(`granularity is missing; use one of ${GRANULARITIES.join(', ')}`);
}

function rangeOf(name: Span | null, start: number, end: number, zone: Zone, granularity: Granularity): TimeRange {
  const bound = MAX_VALUES[granularity];
  const buckets = starts(granularity, start, end, zone, bound);
  if (buckets.length > bound) {
    throw new Fault(
      backendErrors.rangeTooLarge,
      `the range has more than ${bound} values of one ${granularity}; ask for a shorter one or a coarser granularity`,
    );
  }
  return { name, start, end, zone, granularity, buckets };
}

export function oneOf<T extends string>(name: string, text: string | undefined, values: readonly T[]): T | null {
  if (text === undefined || text === '') return null;
  const value = values.find((candidate) => candidate === text);
  if (value === undefined) throw invalid(`${name} ${quote(text)} is not known; use one of ${values.join(', ')}`);
  return value;
}

export function invalid(sentence: string): Fault {
  return new Fault(backendErrors.invalidParameter, sentence);
}

/** What a client sent, cut and quoted, for a sentence. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

function offsetOf(text: string): number {
  if (text === 'Z' || text === 'UTC') return 0;
  const digits = text.replace(':', '');
  const minutes = Number(digits.slice(1, 3)) * 60 + Number(digits.slice(3, 5));
  return (digits.startsWith('-') ? -minutes : minutes) * 60_000;
}
