import type { Row } from './rows.ts';
import type { Answers } from './traffic.ts';

/** What the backend and the gateways say after the run. */
export interface Seen {
  /** Units counted in each window, the oldest first. */
  readonly counted: readonly number[];
  /** End of the first window, ms since the epoch. */
  readonly boundary: number;
  /** Units allowed in the first window until a changed limit had to be obeyed; null: it did not change. */
  readonly beforeChange: number | null;
  /** Requests that waited for a lease, once the gateways were in step; null: those of other rows are among them. */
  readonly waits: number | null;
  /** Requests of that time. */
  readonly waitsOf: number;
}

export interface RowResult extends Row {
  readonly sent: number;
  readonly allowed: number;
  readonly refused: number;
  /** Answered as an outage, or not at all. */
  readonly outages: number;
  readonly counted: readonly number[];
  /** Most units over the limit in a window. */
  readonly over: number;
  /** Of the quota of the windows in which more was asked for, what nobody got. */
  readonly unusedPercent: number;
  /** Of the requests, those refused while units of the window were left somewhere. */
  readonly earlyPercent: number;
  readonly waitsPerThousand: number | null;
  readonly problems: readonly string[];
}

/** From this limit on a thousandth may stay unused; below, nothing. */
const LARGE = 1_000;
const UNUSED_PERCENT = 0.1;
/** From this demand on the limit must be used up. */
const CLEARLY_ABOVE = 1.2;
const EARLY_PERCENT = 1;
/** A hundredth of fewer requests than this is none. */
const SAMPLE = 200;
const WAITS_PER_THOUSAND = 2.5;
/** A refusal may be answered this long after the end of the window in which it was decided, ms. */
const MARGIN = 100;
/** Below this limit per gateway a lease is a call or two. */
const LEASABLE = 100;

/** Holds a row against what docs/guarantees.md promises. */
export function judge(row: Row, units: number, answers: Answers, seen: Seen): RowResult {
  const { demand, kill } = row;
  const { counted } = seen;
  const limits = limitsOf(row, seen);
  const over = Math.max(0, ...counted.map((count, window) => count - (limits[window] ?? 0)));
  const total = sum(counted);
  const quota = sum(limits);
  const unusedPercent = demand >= CLEARLY_ABOVE ? Math.max(0, (100 * (quota - total)) / quota) : 0;
  const earlyPercent = (100 * earlyRefusals(limits, units, answers, seen)) / Math.max(1, answers.sent);
  const waitsPerThousand = seen.waits === null ? null : (1_000 * seen.waits) / Math.max(1, seen.waitsOf);
  const problems = [
    ...(over > 0 ? [`${over} units over the limit`] : []),
    ...countProblems(answers, units, total, kill),
    ...(kill || row.change !== null ? [] : calmProblems(row, answers, unusedPercent, earlyPercent, waitsPerThousand)),
  ];
  const { sent, allowed, refused, outages } = answers;
  return {
    ...row,
    sent,
    allowed,
    refused,
    outages,
    counted,
    over,
    unusedPercent,
    earlyPercent,
    waitsPerThousand,
    problems,
  };
}

/** What may be counted in each window. A lowered limit binds what is allowed once it must be obeyed. */
function limitsOf({ limit, change }: Row, { counted, beforeChange }: Seen): number[] {
  if (change === null) return counted.map(() => limit);
  return counted.map((_count, window) => {
    if (window > 0 || change > limit) return change;
    return Math.max(change, Math.min(limit, beforeChange ?? limit));
  });
}

/**
 * Requests refused although the window had room: before the last one that it had room for was sent. Those that were
 * allowed belong to the windows in the order of their sending, as many as were counted in each.
 */
function earlyRefusals(
  limits: readonly number[],
  units: number,
  { allowedAt, refusedAt }: Answers,
  seen: Seen,
): number {
  const { boundary, counted } = seen;
  const inOrder = allowedAt.toSorted((a, b) => a - b);
  let early = 0;
  let begun = 0;
  for (const [window, count] of counted.entries()) {
    const begins = window === 0 ? 0 : boundary + MARGIN;
    const ends = window === 0 ? boundary : Number.POSITIVE_INFINITY;
    begun += Math.round(count / units);
    const isSpent = count >= (limits[window] ?? 0);
    const spentAt = isSpent ? (inOrder[begun - 1] ?? 0) : Number.POSITIVE_INFINITY;
    early += refusedAt.filter((at) => at >= begins && at < ends && at < spentAt).length;
  }
  return early;
}

function countProblems(answers: Answers, units: number, counted: number, kill: boolean): string[] {
  const { outages, others } = answers;
  const allowed = answers.allowed * units;
  // What the app never answered was admitted, and is counted all the same.
  const failed = (outages - (others.get('503') ?? 0)) * units;
  const problems: string[] = [];
  if (counted < allowed || counted > allowed + failed) problems.push(`${allowed} were allowed, ${counted} counted`);
  if (outages > 0 && !kill)
    problems.push(`without a decision: ${[...others].map(([what, count]) => `${count} × ${what}`).join(', ')}`);
  return problems;
}

/** What is promised while nothing fails. */
function calmProblems(
  { gateways, limit, demand }: Row,
  { refused, sent }: Answers,
  unused: number,
  early: number,
  waits: number | null,
): string[] {
  const problems: string[] = [];
  if (unused > (limit >= LARGE ? UNUSED_PERCENT : 0)) problems.push(`${unused.toFixed(2)} % of the quota unused`);
  if (demand < 1 && refused > 0) problems.push(`${refused} refused below the limit`);
  if (sent >= SAMPLE && early > EARLY_PERCENT) problems.push(`${early.toFixed(2)} % refused while units were left`);
  const isSteady = demand < 1 && limit >= LEASABLE * gateways;
  if (isSteady && waits !== null && waits > WAITS_PER_THOUSAND)
    problems.push(`${waits.toFixed(1)} of 1,000 requests waited`);
  return problems;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
