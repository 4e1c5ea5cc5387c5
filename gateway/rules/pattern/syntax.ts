/** What a pattern may consist of, after parsing: regular, so that it can be matched in linear time. */
export type PatternNode =
  /** One octet of the set. */
  | { readonly kind: 'octet'; readonly set: ReadonlySet<number> }
  | { readonly kind: 'sequence'; readonly nodes: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly nodes: readonly PatternNode[] }
  | { readonly kind: 'repeat'; readonly node: PatternNode; readonly atLeastOnce: boolean; readonly atMostOnce: boolean }
  /** `$`: nothing follows. */
  | { readonly kind: 'end' };

export interface ParsedPattern {
  readonly node: PatternNode;
  /** What is accepted but probably not meant; one sentence each. */
  readonly warnings: readonly string[];
}

/** A pattern that cannot be understood; the message says what would be right. */
export class PatternError extends Error {}

/** Longest pattern, characters. */
export const MAX_PATTERN_LENGTH = 2048;

/** One node for each ASCII octet, so that equal octets share their set. */
const OCTETS: readonly PatternNode[] = Array.from({ length: 128 }, (_, code) => ({
  kind: 'octet',
  set: new Set([code]),
}));

/** Each character of canonical text (ASCII) stands for itself. */
export function literal(canonicalText: string): PatternNode {
  return { kind: 'sequence', nodes: Array.from(canonicalText, (character) => octet(character.charCodeAt(0))) };
}

function octet(code: number): PatternNode {
  return OCTETS[code] ?? { kind: 'octet', set: new Set([code]) };
}
