import type { MappingRule } from './rule.ts';
import type { Usage, UsageEntry } from './usage.ts';

/** Bound on different usages, and on remembered combinations of rules, of one service; far beyond any real configuration. */
const MAX_KNOWN = 65_536;

/** Gives the same Usage for rules that add up to the same. */
export class UsageTable {
  /** No rule matched yet. */
  readonly none: Combination = new Combination(this, []);
  private readonly known = new Map<string, Usage>();
  private combinations = 1;

  /** The usage of these rules, all of which matched. Null when there are none. Throws when the table is full. */
  of(rules: readonly MappingRule[]): Usage | null {
    if (rules.length === 0) return null;
    const entries = addUp(rules);
    const key = JSON.stringify(entries);
    const found = this.known.get(key);
    if (found !== undefined) return found;
    if (this.known.size >= MAX_KNOWN) throw new Error(`the mapping rules combine into more than ${MAX_KNOWN} usages`);
    const usage = Object.freeze({
      index: this.known.size,
      entries,
      onSuccess: entries.some((entry) => entry.onSuccess),
    });
    this.known.set(key, usage);
    return usage;
  }

  /** Counts a new combination; false: not to be remembered, as there are too many. */
  admit(): boolean {
    return ++this.combinations <= MAX_KNOWN;
  }
}

/** A sequence of matched rules, remembered so that the same sequence finds its usage by a look-up per rule. */
export class Combination {
  private readonly table: UsageTable;
  private readonly rules: readonly MappingRule[];
  private readonly longer = new Map<MappingRule, Combination>();
  private sum: Usage | null = null;

  constructor(table: UsageTable, rules: readonly MappingRule[]) {
    this.table = table;
    this.rules = rules;
  }

  and(rule: MappingRule): Combination {
    const found = this.longer.get(rule);
    if (found !== undefined) return found;
    const combination = new Combination(this.table, [...this.rules, rule]);
    if (this.table.admit()) this.longer.set(rule, combination);
    return combination;
  }

  usage(): Usage | null {
    this.sum ??= this.table.of(this.rules);
    return this.sum;
  }
}

/** Sums by metric, in order of first match; what is not above 0 is dropped. */
function addUp(rules: readonly MappingRule[]): readonly UsageEntry[] {
  const sums = new Map<string, { amount: number; onSuccess: boolean }>();
  for (const rule of rules) {
    const sum = sums.get(rule.metric);
    const onSuccess = rule.count === 'success';
    if (sum === undefined) {
      sums.set(rule.metric, { amount: rule.delta, onSuccess });
    } else {
      sum.amount += rule.delta;
      sum.onSuccess &&= onSuccess;
    }
  }
  const entries = [...sums].filter(([, sum]) => sum.amount > 0);
  return Object.freeze(entries.map(([metric, { amount, onSuccess }]) => Object.freeze({ metric, amount, onSuccess })));
}
