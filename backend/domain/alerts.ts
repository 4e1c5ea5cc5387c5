import type { UsageReport } from './usage-report.ts';

/** Percentages at which an alert can be raised (contract section 13). */
export const ALERT_BINS: readonly number[] = [0, 50, 80, 90, 100, 120, 150, 200, 300];

/** How far the fullest limit of an application is used. */
export interface Utilization {
  /** Highest bin reached. */
  readonly bin: number;
  /** Share of the limit, 1 = all of it. */
  readonly share: number;
  /** The limit in words: `hits per day: 9/10`. */
  readonly limit: string;
}

/** Looks at limits above 0; null when there are none. */
export function utilizationOf(reports: readonly UsageReport[]): Utilization | null {
  let fullest: UsageReport | null = null;
  let share = -1;
  for (const report of reports) {
    if (report.limit.max <= 0n) continue;
    const used = Number(report.current) / Number(report.limit.max);
    if (used <= share) continue;
    share = used;
    fullest = report;
  }
  if (fullest === null) return null;
  const { limit, metric, current } = fullest;
  const bin = ALERT_BINS.findLast((percent) => share * 100 >= percent) ?? 0;
  return { bin, share, limit: `${metric.name} per ${limit.period}: ${current}/${limit.max}` };
}

/** Whether an alert is due: the service wants this bin, and the bin is not the one where everything starts. */
export function isWanted(utilization: Utilization, alertLimits: readonly number[]): boolean {
  return utilization.bin > 0 && alertLimits.includes(utilization.bin);
}
