import type { PatternNode } from './syntax.ts';

/**
 * Thompson's construction: the patterns of several rules as one nondeterministic automaton over octets. States are
 * numbers; each belongs to one rule.
 */
export interface Nfa {
  readonly states: readonly NfaState[];
  /** Where each rule starts, by rule number. */
  readonly starts: readonly number[];
}

export type NfaState =
  | { readonly kind: 'octet'; readonly rule: number; readonly set: ReadonlySet<number>; next: number }
  | { readonly kind: 'fork'; readonly rule: number; targets: number[] }
  /** Passed only at the end of the path. */
  | { readonly kind: 'end'; readonly rule: number; next: number }
  | { readonly kind: 'match'; readonly rule: number };

export function buildNfa(patterns: readonly PatternNode[]): Nfa {
  const states: NfaState[] = [];
  const starts = patterns.map((pattern, rule) => {
    const builder = new RuleBuilder(states, rule);
    return builder.build(pattern, builder.add({ kind: 'match', rule }));
  });
  return { states, starts };
}

/** Builds backwards: each part is given the state that follows it, and returns the state where it starts. */
class RuleBuilder {
  private readonly states: NfaState[];
  private readonly rule: number;

  constructor(states: NfaState[], rule: number) {
    this.states = states;
    this.rule = rule;
  }

  add(state: NfaState): number {
    return this.states.push(state) - 1;
  }

  build(node: PatternNode, next: number): number {
    const { rule } = this;
    switch (node.kind) {
      case 'octet':
        return this.add({ kind: 'octet', rule, set: node.set, next });
      case 'sequence':
        return node.nodes.reduceRight((following, part) => this.build(part, following), next);
      case 'choice':
        return this.add({ kind: 'fork', rule, targets: node.nodes.map((part) => this.build(part, next)) });
      case 'end':
        return this.add({ kind: 'end', rule, next });
      case 'repeat':
        return this.repeat(node, next);
    }
  }

  private repeat(node: Extract<PatternNode, { kind: 'repeat' }>, next: number): number {
    if (node.atMostOnce)
      return this.add({ kind: 'fork', rule: this.rule, targets: [this.build(node.node, next), next] });
    const loop = { kind: 'fork' as const, rule: this.rule, targets: [next] };
    const loopState = this.add(loop);
    const body = this.build(node.node, loopState);
    loop.targets.push(body);
    return node.atLeastOnce ? body : loopState;
  }
}
