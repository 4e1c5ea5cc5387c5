import { MONTH, arrange, monthNumber } from './fields.ts';
import type { DateFields, TimeFields } from './fields.ts';
import { zoneOffset } from './zone.ts';

const EUROPEAN = new RegExp(
  String.raw`'?(\d+)[^-\d\s]*\s*${MONTH}[^-\d\s']*(?:\s*(?:c\.?e\.?|a\.?d\.?)?\s*('?-?\d+(?:(?:st|nd|rd|th)\b)?))?`,
  'i',
);
const AMERICAN = new RegExp(
  String.raw`\b${MONTH}[^-\d\s']*\s*('?\d+)[^-\d\s']*(?:\s*,?\s*(?:c\.?e\.?|a\.?d\.?)?\s*('?-?\d+))?`,
  'i',
);
const ISO = /('?[-+]?\d+)-(\d+)-('?-?\d+)/;
const JAPANESE = /\b([mtshr])(\d+)\.(\d+)\.(\d+)/i;
const VMS = new RegExp(String.raw`('?-?\d+)-${MONTH}[^-]*-('?-?\d+)`, 'i');
const SLASHES = /('?-?\d+)\/\s*('?\d+)(?:\D\s*('?-?\d+))?/;
const DOTS = /('?-?\d+)\.\s*('?\d+)\.\s*('?-?\d+)/;
const VMS_MONTH_FIRST = new RegExp(String.raw`\b${MONTH}[^-]*-('?-?\d+)(?:-('?-?\d+))?`, 'i');
const DIGITS = /[-+]?(\d{2,14})(?:\s*t?\s*(\d{2,6})?([,.]\d*)?)?\s*(z\b|[-+]\d{1,4}\b)?/i;

/** First year of each era less one. */
const ERAS: ReadonlyMap<string, number> = new Map([
  ['m', 1867],
  ['t', 1911],
  ['s', 1925],
  ['h', 1988],
  ['r', 2018],
]);

export interface FoundDate {
  readonly date: DateFields;
  /** Only a date in one run of digits carries a time of its own, which goes before any other. */
  readonly time: TimeFields | null;
}

/** Finds a date in a text whose weekday and time were taken out. The first form that fits decides. */
export function findDate(text: string): FoundDate | null {
  const date = findSeparated(text);
  return date === null ? findDigits(text) : { date, time: null };
}

function findSeparated(text: string): DateFields | null {
  let found = EUROPEAN.exec(text);
  if (found !== null) return arrange(found[3] ?? null, monthNumber(found[2] ?? ''), found[1] ?? null);
  found = AMERICAN.exec(text);
  if (found !== null) return arrange(found[3] ?? null, monthNumber(found[1] ?? ''), found[2] ?? null);
  found = ISO.exec(text);
  if (found !== null) return arrange(found[1] ?? null, found[2] ?? null, found[3] ?? null);
  found = JAPANESE.exec(text);
  if (found !== null) {
    const era = ERAS.get((found[1] ?? '').toLowerCase()) ?? 0;
    return { year: era + Number(found[2]), month: Number(found[3]), day: Number(found[4]) };
  }
  found = VMS.exec(text);
  if (found !== null) return arrange(found[3] ?? null, monthNumber(found[2] ?? ''), found[1] ?? null);
  found = VMS_MONTH_FIRST.exec(text);
  if (found !== null) return arrange(found[3] ?? null, monthNumber(found[1] ?? ''), found[2] ?? null);
  found = SLASHES.exec(text) ?? DOTS.exec(text);
  return found === null ? null : arrange(found[1] ?? null, found[2] ?? null, found[3] ?? null);
}

/**
 * `20260318T090000Z`. Shorter runs that give no whole date (`0318`) are not told apart: they give none. A fraction
 * without a time of its own makes the run a time of day, which is no date either.
 */
function findDigits(text: string): FoundDate | null {
  const found = DIGITS.exec(text);
  if (found === null) return null;
  const [, digits = '', clock = '', fraction, zone] = found;
  if (digits.length !== 6 && (digits.length < 8 || digits.length % 2 === 1)) return null;
  if (clock === '' && fraction !== undefined) return null;
  const yearLength = digits.length === 6 ? 2 : 4;
  const date = arrange(
    digits.slice(0, yearLength),
    digits.slice(yearLength, yearLength + 2),
    digits.slice(yearLength + 2, yearLength + 4),
  );
  const rest = digits.slice(yearLength + 4) + clock;
  if (rest === '') return { date, time: null };
  const part = (index: number) => Number(rest.slice(index * 2, index * 2 + 2));
  const offset = zone === undefined ? null : zoneOffset(zone);
  return { date, time: { hour: part(0), minute: part(1), second: part(2), offset } };
}
