import { PERIODS, windowEnd, windowStart } from '../../shared/period.ts';
import type { Period } from '../../shared/period.ts';
import type { LeaseWindow } from './store.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** How long a window is kept after its end, ms; null: for ever. At least an hour, which late usage and limits need. */
export type Retention = Readonly<Record<Period, number | null>>;

export const DEFAULT_RETENTION: Retention = {
  minute: 3 * HOUR,
  hour: 32 * DAY,
  day: 731 * DAY,
  week: 731 * DAY,
  month: null,
  year: null,
  eternity: null,
};

/** Throws a RangeError when a window would go before usage and limits are done with it. */
export function retentionOf(settings: Partial<Retention>): Retention {
  const retention = { ...DEFAULT_RETENTION, ...settings };
  for (const period of PERIODS) {
    const kept = retention[period];
    if (kept === null && (period === 'minute' || period === 'hour')) {
      throw new RangeError(`windows of a ${period} cannot be kept for ever`);
    }
    if (kept !== null && kept < HOUR) throw new RangeError(`windows of a ${period} must be kept for an hour at least`);
  }
  return retention;
}

/** The totals of a service that are written with every usage; the others are sums of these. */
export const SERVICE_PERIODS = ['minute', 'hour', 'day', 'month', 'eternity'] as const satisfies readonly Period[];

/**
 * A set value moves a week by another amount than its day, and a year than its month: what the longer one moves beyond
 * the shorter is written as a correction in its own window.
 */
export const CORRECTED_PERIODS = [
  ['week', 'day'],
  ['year', 'month'],
] as const satisfies readonly (readonly [Period, Period])[];

/** The written windows whose sum is the service's total in the window of `period` at `start`. */
export function serviceWindows(period: Period, start: number): readonly LeaseWindow[] {
  const own: LeaseWindow = { period, start };
  if (period === 'week') {
    return [own, ...Array.from({ length: 7 }, (_, day) => ({ period: 'day' as const, start: start + day * DAY }))];
  }
  if (period !== 'year') return [own];
  const year = new Date(start).getUTCFullYear();
  return [
    own,
    ...Array.from({ length: 12 }, (_, month) => ({ period: 'month' as const, start: Date.UTC(year, month, 1) })),
  ];
}

/** The window of a lease for `period` that holds `at`: it lies in one window of every longer period, so a week is cut where a month begins. */
export function leaseSpan(period: Period, at: number): { readonly start: number; readonly end: number } {
  const start = windowStart(period, at);
  const end = windowEnd(period, at);
  if (period !== 'week') return { start, end };
  return { start: Math.max(start, windowStart('month', at)), end: Math.min(end, windowEnd('month', at)) };
}

/** Windows for which the greatest applications are known. */
export const TOP_PERIODS = ['day', 'week', 'month', 'year', 'eternity'] as const satisfies readonly Period[];
/** How many of them. */
export const MAX_TOP = 64;
