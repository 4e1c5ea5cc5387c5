/** The seven fixed UTC calendar windows of a usage limit (3scale contract, reference section 7), smallest first. */
export const PERIODS = ['minute', 'hour', 'day', 'week', 'month', 'year', 'eternity'] as const;
export type Period = (typeof PERIODS)[number];

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;
/** 1970-01-05 was the first Monday of the epoch. */
const FIRST_MONDAY = 4 * DAY;
/** 9999-12-31 00:00:00 UTC, the contract's end of eternity. */
const END_OF_ETERNITY = 253_402_214_400_000;

export function isPeriod(text: string): text is Period {
  return (PERIODS as readonly string[]).includes(text);
}

/** First millisecond (inclusive) of the window of `period` that holds `at` (ms since the epoch, ≥ 0). Weeks start on Monday. */
export function windowStart(period: Period, at: number): number {
  switch (period) {
    case 'minute':
      return at - (at % MINUTE);
    case 'hour':
      return at - (at % HOUR);
    case 'day':
      return at - (at % DAY);
    case 'week':
      return at - ((((at - FIRST_MONDAY) % (7 * DAY)) + 7 * DAY) % (7 * DAY));
    case 'month': {
      const date = new Date(at);
      return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
    }
    case 'year':
      return Date.UTC(new Date(at).getUTCFullYear(), 0, 1);
    case 'eternity':
      return 0;
  }
}

/** First millisecond after the window of `period` that holds `at`. */
export function windowEnd(period: Period, at: number): number {
  const start = windowStart(period, at);
  switch (period) {
    case 'minute':
      return start + MINUTE;
    case 'hour':
      return start + HOUR;
    case 'day':
      return start + DAY;
    case 'week':
      return start + 7 * DAY;
    case 'month': {
      const date = new Date(start);
      return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
    }
    case 'year':
      return Date.UTC(new Date(start).getUTCFullYear() + 1, 0, 1);
    case 'eternity':
      return END_OF_ETERNITY;
  }
}

/** The six periods that contain a given one, smallest first, itself included: a lease takes in all of these (protocol R5). */
export function periodsFrom(period: Period): readonly Period[] {
  return PERIODS.slice(PERIODS.indexOf(period));
}
