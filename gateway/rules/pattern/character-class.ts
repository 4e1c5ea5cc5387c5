import { SEGMENT_CHARACTERS } from '../path.ts';
import { PatternError } from './syntax.ts';

/** Every octet that a canonical path may hold. */
const ALL: readonly number[] = [...SEGMENT_CHARACTERS, 0x2f];

const DIGITS = new Set(ALL.filter((code) => /\d/.test(String.fromCharCode(code))));
const WORD = new Set(ALL.filter((code) => /\w/.test(String.fromCharCode(code))));
const SPACE: ReadonlySet<number> = new Set();

/** The set of \d, \w, \s and their complements; null: no class. White space never occurs in a path. */
export function classEscape(character: string): ReadonlySet<number> | null {
  switch (character) {
    case 'd':
      return DIGITS;
    case 'w':
      return WORD;
    case 's':
      return SPACE;
    case 'D':
      return complement(DIGITS);
    case 'W':
      return complement(WORD);
    case 'S':
      return complement(SPACE);
    default:
      return null;
  }
}

/** Reads `[...]` at `start`; `end` is the position after it. */
export function characterClass(text: string, start: number): { set: ReadonlySet<number>; end: number } {
  const negated = text[start + 1] === '^';
  const set = new Set<number>();
  let position = start + (negated ? 2 : 1);
  let first = true;
  while (text[position] !== ']' || first) {
    first = false;
    const low = member(text, position);
    position = low.end;
    if (text[position] === '-' && text[position + 1] !== ']' && low.code !== null) {
      const high = member(text, position + 1);
      position = high.end;
      if (high.code === null || high.code < low.code)
        throw new PatternError(`a range in "${text.slice(start)}" is backwards`);
      for (let code = low.code; code <= high.code; code++) set.add(code);
    } else {
      for (const code of low.set) set.add(code);
    }
  }
  return { set: negated ? complement(set) : set, end: position + 1 };
}

interface Member {
  /** Null for a class such as \d, which can start no range. */
  readonly code: number | null;
  readonly set: ReadonlySet<number>;
  readonly end: number;
}

function member(text: string, position: number): Member {
  const escaped = text[position] === '\\';
  const character = text[escaped ? position + 1 : position];
  if (character === undefined) throw new PatternError('"[" is not closed');
  const code = character.charCodeAt(0);
  if (code > 0x7e) throw new PatternError(`"${character}" cannot be in "[...]": only ASCII can`);
  const end = position + (escaped ? 2 : 1);
  const set = escaped ? classEscape(character) : null;
  return set === null ? { code, set: new Set([code]), end } : { code: null, set, end };
}

function complement(set: ReadonlySet<number>): ReadonlySet<number> {
  return new Set(ALL.filter((code) => !set.has(code)));
}
