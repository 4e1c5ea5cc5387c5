import { windowEnd, windowStart } from '../../shared/period.ts';
import type { Counters } from '../store/store.ts';
import { shift } from './calendar.ts';
import type { Span } from './calendar.ts';
import { sums } from './usage.ts';
import { windowsOf } from './windows.ts';
import type { Horizon } from './windows.ts';
import type { Zone } from './zone.ts';

/** Applications that are named. */
const TOP = 10;
/** Candidates taken from each UTC window when a zone's window lies across several. */
const CANDIDATES = 50;

export interface TopRange {
  readonly name: Span;
  readonly start: number;
  readonly end: number;
  readonly zone: Zone;
}

export interface TopApplication {
  readonly application: string;
  readonly value: bigint;
}

/** The calendar day, week (from Monday), month or year that holds `at` in the zone. */
export function calendarSpan(name: Span, at: number, zone: Zone): TopRange {
  const local = zone.local(at);
  // The same window as UTC would have it at this local date and time, read on the zone's clock.
  const first = new Date(windowStart(name, Date.UTC(local.year, local.month - 1, local.day)));
  const start = zone.instant({
    year: first.getUTCFullYear(),
    month: first.getUTCMonth() + 1,
    day: first.getUTCDate(),
    hour: 0,
    minute: 0,
    second: 0,
  });
  return { name, start, end: shift(start, name, 1, zone), zone };
}

/**
 * The applications with the most usage of a metric in a calendar span, greatest first. In UTC the store's own list is
 * the answer. In another zone the leaders of the UTC windows that the span touches are summed up exactly; only an
 * application outside the first 50 of every one of those could be missed.
 */
export async function topApplications(
  counters: Counters,
  service: string,
  metric: string,
  range: TopRange,
  horizon: Horizon,
): Promise<readonly TopApplication[]> {
  if (range.zone.name === 'UTC') return counters.top(service, metric, range.name, range.start, TOP);
  const windows = windowsOf(range.start, range.end, range.zone, horizon);
  const candidates = await candidatesIn(counters, service, metric, range);
  const totals = await Promise.all(
    [...candidates].map(async (application) => {
      const [value = 0n] = await sums(counters, { service, application, counter: { metric } }, [windows]);
      return { application, value };
    }),
  );
  return totals
    .filter(({ value }) => value > 0n)
    .toSorted((a, b) => (a.value === b.value ? 0 : a.value < b.value ? 1 : -1))
    .slice(0, TOP);
}

async function candidatesIn(
  counters: Counters,
  service: string,
  metric: string,
  range: TopRange,
): Promise<Set<string>> {
  const lists = await Promise.all(
    touchedSpans(range).map((window) => counters.top(service, metric, window.period, window.start, CANDIDATES)),
  );
  return new Set(lists.flatMap((list) => list.map(({ application }) => application)));
}

/** The UTC windows of the span's own length that share time with it. */
function touchedSpans({ name, start, end }: TopRange): { readonly period: Span; readonly start: number }[] {
  const spans: { period: Span; start: number }[] = [];
  for (let at = windowStart(name, start); at < end; at = windowEnd(name, at)) spans.push({ period: name, start: at });
  return spans;
}
