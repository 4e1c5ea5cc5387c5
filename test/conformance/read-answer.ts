import { child, parseXml } from './xml.ts';
import type { Element } from './xml.ts';

/** A status or error document in the form in which cases expect it. */
export function readDocument(source: string): Readonly<Record<string, unknown>> {
  const root = parseXml(source);
  if (root.name === 'error') return { error_code: root.attributes['code'], error_message: root.text };
  const keys = child(root, 'app_keys');
  const hierarchy = child(root, 'hierarchy');
  const application = child(root, 'application');
  return {
    authorized: child(root, 'authorized')?.text === 'true',
    ...optional('reason', child(root, 'reason')?.text),
    ...optional('application', application && readFields(application)),
    ...optional('plan', child(root, 'plan')?.text),
    usage_reports: (child(root, 'usage_reports')?.children ?? []).map(readReport),
    ...optional('hierarchy', hierarchy?.children.map(readMetric)),
    ...optional('app_keys', keys && readKeys(keys)),
    element_order: root.children.map(({ name }) => name),
  };
}

function optional(name: string, value: unknown): Readonly<Record<string, unknown>> {
  return value === undefined ? {} : { [name]: value };
}

function readFields(element: Element): Readonly<Record<string, string>> {
  return Object.fromEntries(element.children.map(({ name, text }) => [name, text]));
}

function readReport(element: Element): Readonly<Record<string, unknown>> {
  const fields = readFields(element);
  return {
    metric: element.attributes['metric'],
    period: element.attributes['period'],
    current: Number(fields['current_value']),
    max: Number(fields['max_value']),
    exceeded: element.attributes['exceeded'] === 'true',
    ...optional('period_start', fields['period_start']),
    ...optional('period_end', fields['period_end']),
  };
}

function readMetric(element: Element): Readonly<Record<string, unknown>> {
  const children = (element.attributes['children'] ?? '').split(' ').filter((name) => name !== '');
  return { metric: element.attributes['name'], children: children.toSorted() };
}

function readKeys(element: Element): Readonly<Record<string, unknown>> {
  const keys = element.children.map(({ attributes }) => attributes['id'] ?? '').toSorted();
  return { app: element.attributes['app'], svc: element.attributes['svc'], keys };
}
