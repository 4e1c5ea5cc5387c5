import { findDate } from './date.ts';
import type { DateFields, TimeFields } from './fields.ts';
import { findTime } from './time-of-day.ts';

/** Longer texts are not looked at, like in Ruby. */
const MAX_LENGTH = 128;
const SECONDS = /^\s*([-+]?\d+(?:_\d+)*)\s*$/;
const WEEKDAY = /\b(?:sun|mon|tue|wed|thu|fri|sat)[^-\d\s']*/i;
const SEPARATORS = /[^-+',./:@0-9A-Za-z[\]]+/g;
const MIDNIGHT: TimeFields = { hour: 0, minute: 0, second: 0, offset: null };

/**
 * Reads the timestamp of a reported transaction (contract section 8): an integer is UNIX seconds; anything else is
 * free text as Ruby's `Date._parse` reads it, UTC unless it names a zone. Year, month and day must be there.
 * Milliseconds since the epoch; null when it cannot be read, which the contract takes for "now".
 */
export function parseTimestamp(text: string): number | null {
  if (text.length > MAX_LENGTH) return null;
  const seconds = SECONDS.exec(text)?.[1];
  if (seconds !== undefined) return Number(seconds.replaceAll('_', '')) * 1000;
  const cleaned = text.replace(SEPARATORS, ' ').replace(WEEKDAY, ' ');
  const foundTime = findTime(cleaned);
  const found = findDate(foundTime?.rest ?? cleaned);
  return found === null ? null : toMilliseconds(found.date, found.time ?? foundTime?.time ?? MIDNIGHT);
}

/** A day that a month does not have (February 30) runs on into the next month, as `Time.utc` does; beyond 31 there is none. */
function toMilliseconds(date: DateFields, time: TimeFields): number | null {
  const { year, month, day } = date;
  if (year === null || month === null || day === null) return null;
  if (month < 1 || month > 12 || day < 1 || day > 31 || !isTime(time)) return null;
  const utc = new Date(0);
  utc.setUTCFullYear(year, month - 1, day);
  const milliseconds = utc.getTime() + ((time.hour * 60 + time.minute) * 60 + time.second - (time.offset ?? 0)) * 1000;
  return Number.isFinite(milliseconds) ? milliseconds : null;
}

/** 24:00:00 is the end of the day; a leap second is let pass. */
function isTime(time: TimeFields): boolean {
  if (time.hour === 24) return time.minute === 0 && time.second === 0;
  return time.hour < 24 && time.minute < 60 && time.second <= 60;
}
