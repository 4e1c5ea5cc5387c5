import { PatternError } from '../../rules/pattern/syntax.ts';
import { parsePattern } from '../../rules/compile.ts';
import type { RuleConfiguration } from '../service-schema.ts';
import { listOf, numberOf, objectOf, textOf } from './json.ts';
import type { JsonObject } from './json.ts';
import type { Report } from './report.ts';

/** Signs of regular expressions that the 3scale gateway lets through, beside a `$` at the end. */
const REGEX_SIGNS = /[*+()[\]|^\\]|\$(?!$)/;

/** The mapping rules, in their order. */
export function importRules(proxy: JsonObject, report: Report): RuleConfiguration[] {
  const rules = listOf(proxy['proxy_rules']).flatMap((rule) => importRule(objectOf(rule), report) ?? []);
  if (rules.length > 0) report.converted(`${rules.length} mapping rules`);
  return rules;
}

function importRule(rule: JsonObject, report: Report): RuleConfiguration | null {
  const pattern = textOf(rule['pattern']);
  const metric = textOf(rule['metric_system_name']);
  if (pattern === null || metric === null) {
    report.unsupported(`a mapping rule without pattern or metric_system_name: ${JSON.stringify(rule)}`);
    return null;
  }
  const path = pattern.replace(/\?.*$/s, '');
  const regex = REGEX_SIGNS.test(path.replaceAll(/\{.+?\}/g, ''));
  if (!isUsable(path, regex, pattern, report)) return null;
  return {
    method: (textOf(rule['http_method']) ?? 'ANY').toUpperCase(),
    pattern: path,
    metric,
    delta: Math.trunc(numberOf(rule['delta']) ?? 0),
    ...(rule['last'] === true ? { last: true } : {}),
    ...(regex ? { regex } : {}),
    ...parametersOf(rule),
  };
}

function isUsable(path: string, regex: boolean, pattern: string, report: Report): boolean {
  try {
    const { warnings } = parsePattern({ pattern: path, regex }, { mergeSlashes: true });
    for (const warning of warnings) report.changed(`mapping rule ${pattern}: ${warning}`);
    if (regex) report.converted(`mapping rule ${pattern} has signs of a regular expression: regex: true`);
    return true;
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    report.unsupported(`mapping rule ${pattern}: ${error.message}; requests that it matched are not counted by it`);
    return false;
  }
}

function parametersOf(rule: JsonObject): Pick<RuleConfiguration, 'query'> {
  const query: Record<string, string> = {};
  for (const [name, value] of Object.entries(objectOf(rule['querystring_parameters']))) query[name] = String(value);
  return Object.keys(query).length === 0 ? {} : { query };
}
