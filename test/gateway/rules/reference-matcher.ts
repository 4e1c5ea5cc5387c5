import { canonicalPath } from '../../../gateway/rules/path.ts';
import type { MappingRule } from '../../../gateway/rules/rule.ts';

/**
 * Mapping rules done the slow and obvious way, by regular expressions, one rule after the other: what the automaton
 * is compared with. Answers the summed usage, or null when nothing matched.
 */
export function referenceMatch(
  rules: readonly MappingRule[],
  method: string,
  path: string,
  query: string,
): Map<string, number> | null {
  const canonical = canonicalPath(path);
  const parameters = new URLSearchParams(query);
  const sums = new Map<string, number>();
  let matched = false;
  for (const rule of rules) {
    if (rule.method !== 'ANY' && rule.method !== method) continue;
    if (!toRegExp(rule).test(canonical)) continue;
    if (!Object.entries(rule.query).every(([name, value]) => satisfied(parameters.getAll(name).at(-1), value)))
      continue;
    matched = true;
    sums.set(rule.metric, (sums.get(rule.metric) ?? 0) + rule.delta);
    if (rule.last) break;
  }
  return matched ? new Map([...sums].filter(([, amount]) => amount > 0)) : null;
}

const SEGMENT = "[\\w\\-.~%!$&'()*+,;=@:]+";

function toRegExp(rule: MappingRule): RegExp {
  const pattern = rule.pattern.replaceAll(/\/{2,}/g, '/');
  if (rule.regex) {
    return new RegExp(`^${pattern.replaceAll(/\{.+?\}/g, () => SEGMENT).replaceAll('.', String.raw`\.`)}`);
  }
  const anchored = pattern.endsWith('$');
  const parts = (anchored ? pattern.slice(0, -1) : pattern).split(/\{[^{}/]+\}/);
  const source = parts
    .map((part) => canonicalPath(part).replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join(SEGMENT);
  return new RegExp('^' + source + (anchored ? '$' : ''));
}

function satisfied(given: string | undefined, wanted: string): boolean {
  return given !== undefined && (/^\{.+\}$/.test(wanted) || given === wanted);
}
