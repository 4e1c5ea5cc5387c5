import { windowEnd, windowStart } from '../../shared/period.ts';
import type { Granularity } from './calendar.ts';
import type { Zone } from './zone.ts';

const HOUR = 3_600_000;
const DAY = 86_400_000;

/** How long the store keeps usage by period, ms; months are kept for ever (design, section 6). */
export interface Retention {
  readonly minute: number;
  readonly hour: number;
  readonly day: number;
}

export const RETENTION: Retention = { minute: 3 * HOUR, hour: 32 * DAY, day: 731 * DAY };

/** A UTC window of the store that is part of a local span of time. */
export interface Window {
  readonly period: Granularity;
  readonly start: number;
}

/** Moments before which minutes, hours and days are no longer kept. */
export interface Horizon {
  readonly minute: number;
  readonly hour: number;
  readonly day: number;
}

/** The first moment of the oldest window that is surely kept, by period. */
export function horizonAt(now: number, retention: Retention = RETENTION): Horizon {
  return {
    minute: windowStart('minute', now - retention.minute) + 60_000,
    hour: windowStart('hour', now - retention.hour) + HOUR,
    day: windowStart('day', now - retention.day) + DAY,
  };
}

/**
 * The UTC windows that make up a local span of time, each of them in one span only. They are the largest that fit:
 * months, then days, then hours. Where the edge of the span lies inside a UTC hour (a zone with half an hour in its
 * offset) the hour belongs to the span in which it begins. Where hours (or days) are no longer kept the UTC day (or
 * month) of the same date stands for the local one.
 */
export function windowsOf(start: number, end: number, zone: Zone, horizon: Horizon): Window[] {
  const last = edge(end, zone, horizon);
  const windows: Window[] = [];
  for (let at = edge(start, zone, horizon); at < last;) {
    const period = largestAt(at, last);
    windows.push({ period, start: at });
    at = windowEnd(period, at);
  }
  return windows;
}

/** True when the span is not exactly the UTC windows that stand for it. */
export function isApproximate(start: number, end: number, zone: Zone, horizon: Horizon): boolean {
  return edge(start, zone, horizon) !== start || edge(end, zone, horizon) !== end;
}

function largestAt(at: number, last: number): Granularity {
  for (const period of ['month', 'day'] as const) {
    if (windowStart(period, at) === at && windowEnd(period, at) <= last) return period;
  }
  return 'hour';
}

/** Where two neighbouring spans are parted, in whole windows that are kept. Depends on the moment alone, so that nothing falls between them. */
function edge(at: number, zone: Zone, horizon: Horizon): number {
  const hour = Math.ceil(at / HOUR) * HOUR;
  const day = hour < horizon.hour && windowStart('day', hour) !== hour ? nearestDate(at, zone) : hour;
  return day < horizon.day && windowStart('month', day) !== day ? nearestMonth(at, zone) : day;
}

/** Midnight UTC of the local date, of the next one from noon on. */
function nearestDate(at: number, zone: Zone): number {
  const { year, month, day, hour } = zone.local(at);
  return Date.UTC(year, month - 1, hour < 12 ? day : day + 1);
}

function nearestMonth(at: number, zone: Zone): number {
  const { year, month, day } = zone.local(at);
  return Date.UTC(year, day <= 15 ? month - 1 : month, 1);
}
