import { compileRules } from '../../../gateway/rules/compile.ts';
import type { MappingRule } from '../../../gateway/rules/rule.ts';
import type { MappingRules, Usage } from '../../../gateway/rules/usage.ts';

/** A rule with the defaults of the configuration file, `hits` 1 for any method. */
export function rule(pattern: string, parts: Partial<MappingRule> = {}): MappingRule {
  const defaults = {
    method: 'ANY',
    pattern,
    metric: 'hits',
    delta: 1,
    last: false,
    regex: false,
    count: 'always',
    query: {},
  } as const;
  return { ...defaults, ...parts };
}

export function compiled(...rules: readonly MappingRule[]): MappingRules {
  return compileRules(rules, { mergeSlashes: true });
}

/** Usage as a plain object; null when nothing matched. */
export function amounts(usage: Usage | null): Record<string, number> | null {
  return usage === null ? null : Object.fromEntries(usage.entries.map(({ metric, amount }) => [metric, amount]));
}
