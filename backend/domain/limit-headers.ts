import { PERIODS, windowEnd } from '../../shared/period.ts';
import type { Decision } from './decide.ts';
import type { UsageReport } from './usage-report.ts';

/** The tightest limit of a call, for the headers `3scale-limit-*` (contract section 6). */
export interface LimitHeaders {
  /** How many more calls like this one; -1 when nothing limits them. */
  readonly remaining: bigint;
  /** Seconds to the end of the limit's window, rounded up; -1 for eternity or without a limit. */
  readonly reset: number;
  /** Null without a limit: the header is not sent. */
  readonly max: bigint | null;
}

const UNLIMITED: LimitHeaders = Object.freeze({ remaining: -1n, reset: -1, max: null });
const NOTHING_ADDED = -1n;

/**
 * Looks at the limits that the call's usage touches, at all of them when it names none. The fewest remaining calls
 * decide, among equals the longest period.
 */
export function limitHeaders(decision: Decision): LimitHeaders {
  const { usage, call } = decision;
  let tightest: UsageReport | null = null;
  let remaining = 0n;
  for (const report of decision.reports) {
    if (usage !== null && !usage.has(report.metric)) continue;
    const calls = remainingCalls(report, usage?.get(report.metric)?.value ?? 0n);
    if (tightest === null || calls < remaining || (calls === remaining && isLonger(report, tightest))) {
      tightest = report;
      remaining = calls;
    }
  }
  if (tightest === null || remaining === NOTHING_ADDED) return UNLIMITED;
  return { remaining, reset: secondsLeft(tightest, call.at), max: tightest.limit.max };
}

function remainingCalls(report: UsageReport, perCall: bigint): bigint {
  const left = report.limit.max - report.current;
  if (left <= 0n) return 0n;
  return perCall > 0n ? left / perCall : NOTHING_ADDED;
}

function isLonger(report: UsageReport, other: UsageReport): boolean {
  return PERIODS.indexOf(report.limit.period) > PERIODS.indexOf(other.limit.period);
}

function secondsLeft(report: UsageReport, at: number): number {
  const { period } = report.limit;
  return period === 'eternity' ? -1 : Math.ceil((windowEnd(period, at) - at) / 1000);
}
