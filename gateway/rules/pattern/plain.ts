import { SEGMENT_CHARACTERS, canonicalPath } from '../path.ts';
import { MAX_PATTERN_LENGTH, PatternError, literal } from './syntax.ts';
import type { ParsedPattern, PatternNode } from './syntax.ts';

const PLACEHOLDER = /\{[^{}/]+\}/g;

/** `{name}`: one or more characters of one segment. */
export const PLACEHOLDER_NODE: PatternNode = {
  kind: 'repeat',
  node: { kind: 'octet', set: new Set(SEGMENT_CHARACTERS) },
  atLeastOnce: true,
  atMostOnce: false,
};

/**
 * A mapping rule's pattern without `regex: true`: a prefix of the path, in which `{name}` stands for one or more
 * characters of one segment and a final `$` for the end of the path. All else is literal.
 */
export function parsePlain(pattern: string, mergeSlashes: boolean): ParsedPattern {
  const warnings: string[] = [];
  const text = preparePattern(withoutQuery(pattern, warnings), mergeSlashes);
  const nodes: PatternNode[] = [];
  const anchored = text.endsWith('$');
  const body = anchored ? text.slice(0, -1) : text;
  let copied = 0;
  for (const match of body.matchAll(PLACEHOLDER)) {
    nodes.push(literalText(body.slice(copied, match.index), warnings), PLACEHOLDER_NODE);
    copied = match.index + match[0].length;
  }
  nodes.push(literalText(body.slice(copied), warnings));
  if (anchored) nodes.push({ kind: 'end' });
  return { node: { kind: 'sequence', nodes }, warnings };
}

/** What both kinds of pattern share: a maximum length, a slash at the start, slashes merged as in paths. */
export function preparePattern(pattern: string, mergeSlashes: boolean): string {
  if (!pattern.startsWith('/')) throw new PatternError('a pattern starts with "/"');
  if (pattern.length > MAX_PATTERN_LENGTH)
    throw new PatternError(`a pattern has at most ${MAX_PATTERN_LENGTH} characters`);
  return mergeSlashes ? pattern.replaceAll(/\/{2,}/g, '/') : pattern;
}

function withoutQuery(pattern: string, warnings: string[]): string {
  const start = pattern.indexOf('?');
  if (start === -1) return pattern;
  warnings.push(
    `"${pattern.slice(start)}" is not part of the path and is left out; conditions on parameters go in "query:"`,
  );
  return pattern.slice(0, start);
}

/** Braces that enclose no name are kept as they are, and so match nothing: a canonical path has none. */
function literalText(text: string, warnings: string[]): PatternNode {
  if (/[{}]/.test(text))
    warnings.push(`a brace in "${text}" is no placeholder, so the rule matches nothing; write {name}`);
  return literal(
    text
      .split(/([{}])/)
      .map((part) => (part === '{' || part === '}' ? part : canonicalPath(part)))
      .join(''),
  );
}
