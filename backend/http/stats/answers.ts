import type { ApplicationDetail, MetricDetail } from '../../analytics/directory.ts';
import { csv, isoIn } from '../../analytics/format.ts';
import type { TopResult, UsageResult } from '../../analytics/queries.ts';
import type { TimeRange } from '../../analytics/range.ts';
import type { Zone } from '../../analytics/zone.ts';

/** The answers in 3scale's shape. A metric has no friendly name here: it is its system name. */
export function usageAnswer(result: UsageResult) {
  const { metric, responseCode, application, range, change } = result;
  return {
    ...(metric === null ? {} : { metric: metricAnswer(metric) }),
    ...(responseCode === null ? {} : { response_code: { code: responseCode } }),
    ...(application === null ? {} : { application: applicationAnswer(application) }),
    period: periodAnswer(range, result.approximate),
    total: result.total,
    values: [...result.values],
    ...(change === null ? {} : { previous_total: change.previousTotal, change: change.change }),
  };
}

export function usageCsv(result: UsageResult): string {
  const { range, values, metric, responseCode } = result;
  const name = metric?.name ?? responseCode ?? '';
  const rows = range.buckets.map((start, index) => [name, name, isoIn(range.zone, start), values[index] ?? 0n]);
  return csv([['Metric System Name', 'Metric Name', 'Date', 'Value'], ...rows]);
}

export function topAnswer(result: TopResult) {
  const { name, zone, start, end } = result.range;
  return {
    metric: metricAnswer(result.metric),
    period: { name, since: isoIn(zone, start), until: lastSecond(zone, end), timezone: zone.name },
    applications: result.applications.map(({ detail, value }) => ({ ...applicationAnswer(detail), value })),
  };
}

export function topCsv(result: TopResult): string {
  const rows = result.applications.map(({ detail, value }) => [
    detail.id,
    detail.id,
    detail.plan.name ?? '',
    detail.plan.id ?? '',
    value,
  ]);
  return csv([['Application Name', 'Application ID', 'Plan Name', 'Plan ID', 'Total'], ...rows]);
}

function metricAnswer(metric: MetricDetail) {
  return { id: metric.id, name: metric.name, system_name: metric.name, unit: 'hit' };
}

function applicationAnswer(application: ApplicationDetail) {
  const { id, state, plan, service } = application;
  return { id, name: id, state, plan: { ...plan }, service: { id: service } };
}

function periodAnswer(range: TimeRange, approximate: boolean) {
  return {
    name: range.name,
    since: isoIn(range.zone, range.start),
    until: lastSecond(range.zone, range.end),
    timezone: range.zone.name,
    granularity: range.granularity,
    ...(approximate ? { approximate } : {}),
  };
}

function lastSecond(zone: Zone, end: number): string {
  return isoIn(zone, end - 1000);
}
