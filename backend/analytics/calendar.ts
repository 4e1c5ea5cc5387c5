import type { LocalTime, Zone } from './zone.ts';

export const GRANULARITIES = ['month', 'day', 'hour', 'minute'] as const;
export type Granularity = (typeof GRANULARITIES)[number];

export const SPANS = ['year', 'month', 'week', 'day'] as const;
/** Length of a query's time range. */
export type Span = (typeof SPANS)[number];

const MINUTE = 60_000;
const HOUR = 3_600_000;

/** Start of the local month, day, hour or minute that holds `at`. */
export function startOf(granularity: Granularity, at: number, zone: Zone): number {
  if (granularity === 'minute' || granularity === 'hour') {
    const length = granularity === 'minute' ? MINUTE : HOUR;
    const local = at + zone.offset(at);
    return at - (((local % length) + length) % length);
  }
  const local = zone.local(at);
  const day = granularity === 'month' ? 1 : local.day;
  return zone.instant(midnight({ ...local, day }));
}

/**
 * Start of the next one after `start`, which is itself such a start. A local hour that a change of the clock repeats
 * is two hours; one that it skips is none.
 */
export function next(granularity: Granularity, start: number, zone: Zone): number {
  if (granularity === 'minute') return start + MINUTE;
  if (granularity === 'hour') return nextHour(start, zone);
  const local = zone.local(start);
  for (let step = 1; ; step++) {
    const time =
      granularity === 'month' ? { ...local, month: local.month + step, day: 1 } : { ...local, day: local.day + step };
    const at = zone.instant(midnight(time));
    // A day that a zone left out altogether has no start of its own.
    if (at > start) return at;
  }
}

/** Where the clock changes by less than an hour (Lord Howe Island by 30 minutes), the hour after the change is a short one. */
function nextHour(start: number, zone: Zone): number {
  const later = start + HOUR;
  const change = zone.offset(later) - zone.offset(start);
  return change % HOUR === 0 ? startOf('hour', later, zone) : later;
}

/** The starts from `from` (a start) up to `to` (exclusive), at most `bound` + 1 of them. */
export function starts(granularity: Granularity, from: number, to: number, zone: Zone, bound: number): number[] {
  const found: number[] = [];
  for (let at = from; at < to && found.length <= bound; at = next(granularity, at, zone)) found.push(at);
  return found;
}

/**
 * The same local time of day one span later (`count` 1) or earlier (−1); from the start of a day, the start of a day.
 * A day of the month that the month does not have becomes its last day.
 */
export function shift(at: number, span: Span, count: number, zone: Zone): number {
  const local = zone.local(at);
  const target = shiftDate(local, span, count);
  return startOf('day', at, zone) === at ? zone.instant(midnight(target)) : zone.instant(target) + (at % 1000);
}

function shiftDate(local: LocalTime, span: Span, count: number): LocalTime {
  if (span === 'day' || span === 'week') return { ...local, day: local.day + count * (span === 'week' ? 7 : 1) };
  const months = local.month - 1 + count * (span === 'year' ? 12 : 1);
  const year = local.year + Math.floor(months / 12);
  const month = (((months % 12) + 12) % 12) + 1;
  return { ...local, year, month, day: Math.min(local.day, daysIn(year, month)) };
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function midnight(time: LocalTime): LocalTime {
  return { ...time, hour: 0, minute: 0, second: 0 };
}
