import { canonicalPath } from '../path.ts';
import { buildNfa } from './nfa.ts';
import type { Nfa } from './nfa.ts';
import { IRREGULAR, classifyOctets } from './octet-classes.ts';
import type { OctetClasses } from './octet-classes.ts';
import type { PatternNode } from './syntax.ts';

/** More states than this are forgotten and built again on demand: a bound on memory, whatever paths are sent. */
const MAX_STATES = 4096;

/** Rules by number, ascending: those that the path matched. */
export type Matched = readonly number[];

/** A deterministic state: where every rule's pattern may be after the same octets. */
class State<Result> {
  readonly members: readonly number[];
  /** By octet class; null: not built yet. */
  readonly next: (State<Result> | null)[];
  /** No octet that follows can change the result. */
  readonly settled: boolean;
  /** What a path gives that ends here (or anywhere after it, if settled); null: not known yet. */
  result: Result | null = null;

  constructor(members: readonly number[], settled: boolean, classes: number) {
    this.members = members;
    this.settled = settled;
    this.next = Array.from({ length: classes }, () => null);
  }
}

export interface Pattern {
  readonly node: PatternNode;
  /** Once it has matched, no rule after this one can count. */
  readonly final: boolean;
}

/**
 * Matches a path against all patterns at once, one table look-up per octet however many rules there are. The table
 * is built as paths need it, from the nondeterministic automaton, so that time is linear for every pattern.
 */
export class Automaton<Result> {
  private readonly nfa: Nfa;
  private readonly classes: OctetClasses;
  private readonly patterns: readonly Pattern[];
  private readonly resultOf: (matched: Matched) => Result;
  private readonly known = new Map<string, State<Result>>();
  private start: State<Result>;

  /** `resultOf` turns the matched rules into what `run` returns; it is called once per state. */
  constructor(patterns: readonly Pattern[], resultOf: (matched: Matched) => Result) {
    this.patterns = patterns;
    this.nfa = buildNfa(patterns.map((pattern) => pattern.node));
    this.classes = classifyOctets(this.nfa.states);
    this.resultOf = resultOf;
    this.start = this.intern(this.nfa.starts);
  }

  run(path: string): Result {
    return (
      this.walk(path, this.classes.raw) ?? this.walk(canonicalPath(path), this.classes.canonical) ?? this.resultOf([])
    );
  }

  /** Null when an octet is IRREGULAR. */
  private walk(path: string, classes: Uint8Array): Result | null {
    let state = this.start;
    for (let index = 0; index < path.length && !state.settled; index++) {
      const octetClass = classes[path.charCodeAt(index)] ?? IRREGULAR;
      if (octetClass === IRREGULAR) return null;
      state = state.next[octetClass] ?? this.step(state, octetClass);
    }
    return state.result ?? this.finish(state);
  }

  private step(state: State<Result>, octetClass: number): State<Result> {
    const octet = this.classes.representatives[octetClass] ?? 0;
    const reached: number[] = [];
    for (const member of state.members) {
      const node = this.nfa.states[member];
      if (node?.kind === 'match') reached.push(member);
      else if (node?.kind === 'octet' && node.set.has(octet)) reached.push(node.next);
    }
    const next = this.intern(reached);
    state.next[octetClass] = next;
    return next;
  }

  private intern(reached: readonly number[]): State<Result> {
    const members = this.pruned(this.closure(reached, false));
    const key = members.join(',');
    const found = this.known.get(key);
    if (found !== undefined) return found;
    if (this.known.size >= MAX_STATES) this.forget();
    const settled = members.every((member) => this.nfa.states[member]?.kind === 'match');
    const state = new State<Result>(members, settled, this.classes.representatives.length);
    this.known.set(key, state);
    return state;
  }

  /** All that is reachable without reading an octet. Past `$` only at the end of the path. */
  private closure(from: readonly number[], atEnd: boolean): Set<number> {
    const seen = new Set<number>();
    const pending = [...from];
    for (let current = pending.pop(); current !== undefined; current = pending.pop()) {
      if (seen.has(current)) continue;
      seen.add(current);
      const node = this.nfa.states[current];
      if (node?.kind === 'fork') pending.push(...node.targets);
      else if (node?.kind === 'end' && atEnd) pending.push(node.next);
    }
    return seen;
  }

  /** Without what cannot change the result: rules that have matched already, and rules after a final one that has. */
  private pruned(members: ReadonlySet<number>): number[] {
    const matched = new Set(this.matchedOf(members));
    const limit = [...matched].find((rule) => this.patterns[rule]?.final === true) ?? Infinity;
    return [...members]
      .filter((member) => {
        const node = this.nfa.states[member];
        if (node === undefined || node.kind === 'fork' || node.rule > limit) return false;
        return node.kind === 'match' || !matched.has(node.rule);
      })
      .toSorted((a, b) => a - b);
  }

  private matchedOf(members: Iterable<number>): number[] {
    const matched: number[] = [];
    for (const member of members) {
      const node = this.nfa.states[member];
      if (node?.kind === 'match') matched.push(node.rule);
    }
    return matched.toSorted((a, b) => a - b);
  }

  private finish(state: State<Result>): Result {
    const result = this.resultOf(this.matchedOf(this.closure(state.members, true)));
    state.result = result;
    return result;
  }

  private forget(): void {
    this.known.clear();
    this.start = new State<Result>(this.start.members, this.start.settled, this.classes.representatives.length);
    this.known.set(this.start.members.join(','), this.start);
  }
}
