/** One application under its limit. */
export interface Row {
  readonly gateways: number;
  /** Calls a minute. */
  readonly limit: number;
  /** Requests in each window as a multiple of the limit. */
  readonly demand: number;
}

export interface RowResult extends Row {
  readonly sent: number;
  readonly allowed: number;
  readonly refused: number;
  /** Answered as an outage, or not at all. */
  readonly outages: number;
  /** What the backend counted in each window, the oldest first. */
  readonly counted: readonly number[];
  /** Most calls over the limit in a window. */
  readonly over: number;
  /** Of the quota of the windows in which more was asked for, what nobody got. */
  readonly unusedPercent: number;
  readonly problems: readonly string[];
}

/** What is measured when no row is named: small limits, one and five gateways, demand a little and far above. */
export const DEFAULT_ROWS: readonly Row[] = [
  { gateways: 1, limit: 1, demand: 10 },
  { gateways: 1, limit: 10, demand: 3 },
  { gateways: 1, limit: 1_000, demand: 1.2 },
  { gateways: 5, limit: 1, demand: 10 },
  { gateways: 5, limit: 10, demand: 3 },
  { gateways: 5, limit: 1_000, demand: 1.2 },
  { gateways: 5, limit: 1_000, demand: 3 },
  { gateways: 5, limit: 1_000, demand: 0.8 },
];

/** From this limit on a thousandth may stay unused; below, nothing. */
const LARGE = 1_000;

export interface Answers {
  readonly sent: number;
  readonly allowed: number;
  readonly refused: number;
  readonly outages: number;
  /** Those by status or error. */
  readonly others: ReadonlyMap<string, number>;
}

/** `counted`: by the backend, per window. */
export function judge(row: Row, answers: Answers, counted: readonly number[]): RowResult {
  const { limit, demand } = row;
  const over = Math.max(0, ...counted.map((count) => count - limit));
  const total = counted.reduce((sum, count) => sum + count, 0);
  const quota = limit * counted.length;
  const unusedPercent = demand > 1 ? Math.max(0, (100 * (quota - total)) / quota) : 0;
  const problems: string[] = [];
  if (over > 0) problems.push(`${over} calls over the limit`);
  // What the app never answered was admitted, and is counted all the same.
  const failed = answers.outages - (answers.others.get('503') ?? 0);
  if (total < answers.allowed || total > answers.allowed + failed) {
    problems.push(`${answers.allowed} were allowed, ${total} counted`);
  }
  if (answers.outages > 0)
    problems.push(`without a decision: ${[...answers.others].map(([what, count]) => `${count} × ${what}`).join(', ')}`);
  if (unusedPercent > (limit >= LARGE ? 0.1 : 0)) problems.push(`${unusedPercent.toFixed(2)} % of the quota unused`);
  if (demand < 1 && answers.refused > 0) problems.push(`${answers.refused} refused below the limit`);
  const { sent, allowed, refused, outages } = answers;
  return { ...row, sent, allowed, refused, outages, counted, over, unusedPercent, problems };
}
