import type { ServiceConfiguration } from '../service-schema.ts';
import { isReservedField } from '../service-problems.ts';
import { listOf, objectOf, textOf } from './json.ts';
import type { JsonObject } from './json.ts';
import type { FromPolicies } from './policy.ts';
import type { Report } from './report.ts';

const LIQUID = /\{\{|\{%/;

/** Policy `headers`: fixed fields of the request that are set or deleted. */
export function importHeaders(configuration: JsonObject, report: Report): Partial<FromPolicies> {
  const set: Record<string, string> = {};
  const remove: string[] = [];
  for (const entry of listOf(configuration['request']).map(objectOf)) {
    const name = textOf(entry['header']);
    const value = textOf(entry['value']) ?? '';
    if (name === null) continue;
    if (isReservedField(name)) report.unsupported(`policy headers: ${name} is written by the gateway itself`);
    else if (entry['op'] === 'delete') remove.push(name);
    else if (entry['value_type'] === 'liquid' || LIQUID.test(value))
      report.unsupported(`policy headers: ${name} by a template`);
    else setField(set, name, value, entry['op'], report);
  }
  if (listOf(configuration['response']).length > 0) report.unsupported('policy headers: fields of responses');
  if (Object.keys(set).length + remove.length === 0) return {};
  report.converted('policy headers: requestHeaders');
  const requestHeaders: NonNullable<ServiceConfiguration['requestHeaders']> = {
    ...(Object.keys(set).length === 0 ? {} : { set }),
    ...(remove.length === 0 ? {} : { remove }),
  };
  return { service: { requestHeaders } };
}

function setField(set: Record<string, string>, name: string, value: string, operation: unknown, report: Report): void {
  if (operation !== 'set')
    report.changed(`policy headers: ${name} replaces what the client sends (was: ${String(operation)})`);
  set[name] = value;
}
