import type { Counter, Counters } from '../store/store.ts';
import type { Granularity } from './calendar.ts';
import { invalid, previousRange } from './range.ts';
import type { TimeRange } from './range.ts';
import { isApproximate, windowsOf } from './windows.ts';
import type { Horizon, Retention, Window } from './windows.ts';

/** What a series is about. */
export interface Subject {
  readonly service: string;
  /** null: all applications of the service together. */
  readonly application: string | null;
  readonly counter: Counter;
}

export interface Usage {
  readonly total: bigint;
  /** One per bucket of the range. */
  readonly values: readonly bigint[];
  /** Some bucket is not exactly the UTC windows that stand for it. */
  readonly approximate: boolean;
}

export interface Change {
  readonly previousTotal: bigint;
  /** Per cent of the previous total; 100 when there was none before and is some now, 0 when there is none at all. */
  readonly change: number;
}

/** The usage of each bucket of the range. */
export async function usageIn(counters: Counters, subject: Subject, range: TimeRange, kept: Kept): Promise<Usage> {
  const { horizon } = kept;
  requireKept(range, kept);
  const spans = range.buckets.map((start, index) => ({ start, end: range.buckets[index + 1] ?? range.end }));
  const minutes = range.granularity === 'minute';
  const windows = spans.map(({ start, end }): readonly Window[] =>
    minutes ? [{ period: 'minute', start }] : windowsOf(start, end, range.zone, horizon),
  );
  const values = await sums(counters, subject, windows);
  return {
    total: values.reduce((sum, value) => sum + value, 0n),
    values,
    approximate: !minutes && spans.some(({ start, end }) => isApproximate(start, end, range.zone, horizon)),
  };
}

/** What of the past is still there. */
export interface Kept {
  readonly horizon: Horizon;
  readonly retention: Retention;
}

/** How the total differs from that of the range before. */
export async function changeFrom(
  counters: Counters,
  subject: Subject,
  range: TimeRange,
  total: bigint,
  { horizon }: Kept,
): Promise<Change> {
  const { start, end, zone, granularity } = previousRange(range);
  const windows =
    granularity === 'minute' && start >= horizon.minute ? minutesOf(start, end) : windowsOf(start, end, zone, horizon);
  const [previousTotal = 0n] = await sums(counters, subject, [windows]);
  return { previousTotal, change: percentage(total, previousTotal) };
}

/** The sum of each list of windows, with one read per period. */
export async function sums(
  counters: Counters,
  subject: Subject,
  lists: readonly (readonly Window[])[],
): Promise<readonly bigint[]> {
  const byPeriod = new Map<Granularity, { readonly starts: number[]; readonly lists: number[] }>();
  lists.forEach((windows, index) => {
    for (const { period, start } of windows) {
      let reads = byPeriod.get(period);
      if (reads === undefined) byPeriod.set(period, (reads = { starts: [], lists: [] }));
      reads.starts.push(start);
      reads.lists.push(index);
    }
  });
  const totals = lists.map(() => 0n);
  await Promise.all(
    [...byPeriod].map(async ([period, reads]) => {
      const { service, application, counter } = subject;
      const values = await counters.series(service, application, counter, period, reads.starts);
      values.forEach((value, position) => {
        const index = reads.lists[position] ?? 0;
        totals[index] = (totals[index] ?? 0n) + value;
      });
    }),
  );
  return totals;
}

function requireKept({ granularity, start }: TimeRange, { horizon, retention }: Kept): void {
  if (granularity === 'month' || start >= horizon[granularity]) return;
  const hours = Math.round(retention[granularity] / 3_600_000);
  const time = hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
  const coarser = { minute: 'hours', hour: 'days', day: 'months' }[granularity];
  throw invalid(`${granularity}s are kept for ${time}; ask for a later since, or for ${coarser}`);
}

function minutesOf(start: number, end: number): Window[] {
  const windows: Window[] = [];
  for (let at = start; at < end; at += 60_000) windows.push({ period: 'minute', start: at });
  return windows;
}

function percentage(total: bigint, previous: bigint): number {
  if (previous === 0n) return total === 0n ? 0 : 100;
  return Math.round((Number(total - previous) / Number(previous)) * 10_000) / 100;
}
