import { canonicalPath } from '../path.ts';
import { characterClass, classEscape } from './character-class.ts';
import { PLACEHOLDER_NODE, preparePattern } from './plain.ts';
import { PatternError, literal } from './syntax.ts';
import type { ParsedPattern, PatternNode } from './syntax.ts';

/**
 * A pattern with `regex: true`, in the dialect that APIcast's patterns have by accident: `{name}` as in a plain
 * pattern, `.` literal, and of regular expressions `* + ? | ( ) [ ] ^ $` and the escapes \d \w \s. Look-around, back
 * references and counted repeats are refused, which keeps matching linear.
 */
export function parseRegex(pattern: string, mergeSlashes: boolean): ParsedPattern {
  const parser = new RegexParser(preparePattern(pattern, mergeSlashes));
  return { node: parser.parse(), warnings: [] };
}

class RegexParser {
  private readonly text: string;
  private position = 0;

  constructor(text: string) {
    this.text = text;
  }

  parse(): PatternNode {
    const node = this.choice();
    if (this.position < this.text.length) this.fail('")" closes no group');
    return node;
  }

  private choice(): PatternNode {
    const nodes = [this.sequence()];
    while (this.peek() === '|') {
      this.position++;
      nodes.push(this.sequence());
    }
    return nodes.length === 1 && nodes[0] !== undefined ? nodes[0] : { kind: 'choice', nodes };
  }

  private sequence(): PatternNode {
    const nodes: PatternNode[] = [];
    for (let next = this.peek(); next !== '' && next !== '|' && next !== ')'; next = this.peek()) {
      nodes.push(this.repeated(this.atom(next)));
    }
    return { kind: 'sequence', nodes };
  }

  private repeated(node: PatternNode): PatternNode {
    const sign = this.peek();
    if (sign !== '*' && sign !== '+' && sign !== '?') return node;
    this.position++;
    if ('*+?'.includes(this.peek() || 'none')) this.fail('a repeat cannot be repeated');
    return { kind: 'repeat', node, atLeastOnce: sign === '+', atMostOnce: sign === '?' };
  }

  private atom(next: string): PatternNode {
    switch (next) {
      case '(':
        return this.group();
      case '[':
        return this.bracketed();
      case '{':
        return this.placeholder();
      case '\\':
        return this.escaped();
      case '$':
        this.position++;
        return { kind: 'end' };
      case '*':
      case '+':
      case '?':
        return this.fail(`"${next}" repeats nothing`);
      case '^':
        return this.fail('"^" is not needed: a pattern always starts at the start of the path');
      default:
        return this.literal();
    }
  }

  private group(): PatternNode {
    this.position++;
    if (this.peek() === '?') {
      if (this.text[this.position + 1] !== ':') this.fail('only plain groups "(...)" and "(?:...)" are supported');
      this.position += 2;
    }
    const node = this.choice();
    if (this.peek() !== ')') this.fail('a group is not closed');
    this.position++;
    return node;
  }

  private bracketed(): PatternNode {
    const { set, end } = characterClass(this.text, this.position);
    this.position = end;
    return { kind: 'octet', set };
  }

  private placeholder(): PatternNode {
    const end = this.text.indexOf('}', this.position + 2);
    if (end === -1) this.fail('"{" starts a placeholder {name}; counted repeats are not supported');
    this.position = end + 1;
    return PLACEHOLDER_NODE;
  }

  private escaped(): PatternNode {
    const character = this.text[this.position + 1];
    if (character === undefined) return this.fail('"\\" at the end escapes nothing');
    this.position += 2;
    const set = classEscape(character);
    if (set !== null) return { kind: 'octet', set };
    if (/[A-Za-z0-9]/.test(character)) return this.fail(`the escape "\\${character}" is not supported`);
    return literal(canonicalPath(character));
  }

  /** One character, or one percent escape as a whole, so that a repeat after it takes all of it. */
  private literal(): PatternNode {
    const escape = /^%[0-9A-Fa-f]{2}/.exec(this.text.slice(this.position, this.position + 3));
    const text = escape?.[0] ?? String.fromCodePoint(this.text.codePointAt(this.position) ?? 0);
    this.position += text.length;
    return literal(canonicalPath(text));
  }

  private peek(): string {
    return this.text[this.position] ?? '';
  }

  private fail(message: string): never {
    throw new PatternError(`${message} (at character ${this.position + 1})`);
  }
}
