import type { Condition } from './condition.ts';
import type { UsageTable } from './intern.ts';
import type { MappingRule } from './rule.ts';
import type { Usage } from './usage.ts';

/** A rule with its compiled condition. */
export interface CompiledRule {
  readonly rule: MappingRule;
  readonly condition: Condition | null;
}

/** What the rules whose pattern matches a path come to. */
export type Outcome = FixedOutcome | ConditionalOutcome;

export class FixedOutcome {
  readonly usage: Usage | null;

  constructor(usage: Usage | null) {
    this.usage = usage;
  }
}

/** Some of the rules have conditions: these are tried in order for each request. */
export class ConditionalOutcome {
  private readonly candidates: readonly CompiledRule[];
  private readonly table: UsageTable;

  constructor(candidates: readonly CompiledRule[], table: UsageTable) {
    this.candidates = candidates;
    this.table = table;
  }

  decide(query: string, form: string | null): Usage | null {
    let matched = this.table.none;
    for (const { rule, condition } of this.candidates) {
      if (condition !== null && !condition.holds(query, form)) continue;
      matched = matched.and(rule);
      if (rule.last) break;
    }
    return matched.usage();
  }
}

/** `candidates`: the rules whose pattern and method match, in their configured order. */
export function outcomeOf(candidates: readonly CompiledRule[], table: UsageTable): Outcome {
  const end = candidates.findIndex(({ rule, condition }) => rule.last && condition === null);
  const reachable = end === -1 ? candidates : candidates.slice(0, end + 1);
  if (reachable.some(({ condition }) => condition !== null)) return new ConditionalOutcome(reachable, table);
  return new FixedOutcome(table.of(reachable.map(({ rule }) => rule)));
}
