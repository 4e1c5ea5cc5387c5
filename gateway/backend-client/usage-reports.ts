import { isPeriod, type Period } from '../../shared/period.ts';
import { parseXml, type Element } from './xml.ts';

/** One limit of the caller's application, as the backend reports it. */
export interface UsageReport {
  readonly metric: string;
  readonly period: Period;
  /** The window that `current` belongs to, ms; null for eternity. */
  readonly window: { readonly start: number; readonly end: number } | null;
  readonly max: number;
  readonly current: number;
}

/** What a `<status>` document says. */
export interface StatusDocument {
  readonly authorized: boolean;
  readonly reports: readonly UsageReport[];
  /** Metric → its direct children, for the metrics that have a report. */
  readonly children: ReadonlyMap<string, readonly string[]>;
}

/** Reads a `<status>` document; null when it is not exactly what the contract says (an answer that cannot be read is no answer). */
export function readStatus(body: Buffer): StatusDocument | null {
  const root = parseXml(body.toString('utf8'));
  if (root?.name !== 'status') return null;
  const authorized = child(root, 'authorized')?.text;
  if (authorized !== 'true' && authorized !== 'false') return null;
  const reports: UsageReport[] = [];
  for (const element of child(root, 'usage_reports')?.children ?? []) {
    const report = readReport(element);
    if (report === null) return null;
    reports.push(report);
  }
  const children = readHierarchy(child(root, 'hierarchy'));
  return children === null ? null : { authorized: authorized === 'true', reports, children };
}

/** The code of an `<error code="...">` document; null when it is none. */
export function readErrorCode(body: Buffer): string | null {
  const root = parseXml(body.toString('utf8'));
  return root?.name === 'error' ? (root.attributes.get('code') ?? null) : null;
}

function readReport(element: Element): UsageReport | null {
  const metric = element.attributes.get('metric');
  const period = element.attributes.get('period');
  const max = integer(child(element, 'max_value')?.text);
  const current = integer(child(element, 'current_value')?.text);
  if (element.name !== 'usage_report' || metric === undefined || period === undefined || !isPeriod(period)) return null;
  if (max === null || current === null) return null;
  if (period === 'eternity') return { metric, period, window: null, max, current };
  const start = time(child(element, 'period_start')?.text);
  const end = time(child(element, 'period_end')?.text);
  if (start === null || end === null || end <= start) return null;
  return { metric, period, window: { start, end }, max, current };
}

function readHierarchy(element: Element | null): Map<string, readonly string[]> | null {
  const children = new Map<string, readonly string[]>();
  for (const metric of element?.children ?? []) {
    const name = metric.attributes.get('name');
    if (metric.name !== 'metric' || name === undefined) return null;
    const names = metric.attributes.get('children') ?? '';
    children.set(name, names === '' ? [] : names.split(' '));
  }
  return children;
}

function child(element: Element, name: string): Element | null {
  return element.children.find((candidate) => candidate.name === name) ?? null;
}

/** Signed 64-bit values; beyond 2^53 the nearest number, which no decision at these sizes depends on. */
export function integer(text: string | undefined): number | null {
  return text !== undefined && /^-?[0-9]{1,19}$/.test(text) ? Number(text) : null;
}

function time(text: string | undefined): number | null {
  const found = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d) \+0000$/.exec(text ?? '');
  if (found === null) return null;
  const at = Date.parse(`${found[1]}-${found[2]}-${found[3]}T${found[4]}:${found[5]}:${found[6]}Z`);
  return Number.isNaN(at) ? null : at;
}
