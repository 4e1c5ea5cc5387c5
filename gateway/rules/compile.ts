import { compileCondition } from './condition.ts';
import { FixedOutcome, outcomeOf } from './decision.ts';
import type { Outcome } from './decision.ts';
import { UsageTable } from './intern.ts';
import { Automaton } from './pattern/automaton.ts';
import { parsePlain } from './pattern/plain.ts';
import { parseRegex } from './pattern/regex.ts';
import type { ParsedPattern } from './pattern/syntax.ts';
import type { MappingRule } from './rule.ts';
import type { MappingRules, Usage } from './usage.ts';

export interface RuleSettings {
  /** As in the paths that rules are matched against. */
  readonly mergeSlashes: boolean;
}

const METHODS_WITH_FORM = new Set(['ANY', 'POST', 'PUT', 'PATCH']);

/**
 * Compiles the mapping rules of one service (3scale's semantics: reference apicast.md section 5): every rule whose
 * method, pattern and parameters match adds its delta to its metric, in order, until one that is `last`.
 * Throws PatternError.
 */
export function compileRules(rules: readonly MappingRule[], settings: RuleSettings): MappingRules {
  const table = new UsageTable();
  const compiled = rules.map((rule) => ({
    rule,
    condition: compileCondition(rule.query),
    node: parsePattern(rule, settings).node,
  }));
  const automatonFor = (method: string | null): Automaton<Outcome> => {
    const own = compiled.filter(({ rule }) => rule.method === 'ANY' || rule.method === method);
    const patterns = own.map(({ node, rule, condition }) => ({ node, final: rule.last && condition === null }));
    return new Automaton(patterns, (matched) =>
      outcomeOf(
        matched.flatMap((index) => own[index] ?? []),
        table,
      ),
    );
  };
  const methods = new Set(rules.map((rule) => rule.method).filter((method) => method !== 'ANY'));
  const byMethod = new Map([...methods].map((method) => [method, automatonFor(method)]));
  const needsForm = compiled.some(({ rule, condition }) => condition !== null && METHODS_WITH_FORM.has(rule.method));
  return new CompiledRules(needsForm, byMethod, automatonFor(null));
}

/** The pattern of one rule by its own syntax. Throws PatternError. */
export function parsePattern(rule: Pick<MappingRule, 'pattern' | 'regex'>, settings: RuleSettings): ParsedPattern {
  return (rule.regex ? parseRegex : parsePlain)(rule.pattern, settings.mergeSlashes);
}

class CompiledRules implements MappingRules {
  readonly needsForm: boolean;
  private readonly byMethod: ReadonlyMap<string, Automaton<Outcome>> | null;
  private readonly anyMethod: Automaton<Outcome>;

  constructor(needsForm: boolean, byMethod: ReadonlyMap<string, Automaton<Outcome>>, anyMethod: Automaton<Outcome>) {
    this.needsForm = needsForm;
    this.byMethod = byMethod.size === 0 ? null : byMethod;
    this.anyMethod = anyMethod;
  }

  match(method: string, path: string, query: string, form: string | null): Usage | null {
    const automaton = this.byMethod === null ? this.anyMethod : (this.byMethod.get(method) ?? this.anyMethod);
    const outcome = automaton.run(path);
    return outcome instanceof FixedOutcome ? outcome.usage : outcome.decide(query, form);
  }
}
