import type { Random } from './random.ts';
import { TOKENS } from './tokens.ts';

type Mutation = (input: string, random: Random, other: string) => string;

const MUTATIONS: readonly Mutation[] = [
  // One byte set, added, removed, or one bit flipped.
  (input, random) => splice(input, random.below(input.length), 1, String.fromCharCode(random.below(256))),
  (input, random) => splice(input, random.below(input.length + 1), 0, String.fromCharCode(random.below(256))),
  (input, random) => splice(input, random.below(input.length), 1, ''),
  (input, random) => {
    const at = random.below(input.length);
    return splice(input, at, 1, String.fromCharCode(input.charCodeAt(at) ^ (1 << random.below(8))));
  },
  // A token put in, or in place of a few bytes.
  (input, random) => splice(input, random.below(input.length + 1), 0, random.pick(TOKENS)),
  (input, random) => splice(input, random.below(input.length + 1), random.below(8), random.pick(TOKENS)),
  // A token at the start of a line: between fields, before or after the body's framing.
  (input, random) => splice(input, lineStart(input, random), 0, random.pick(TOKENS)),
  // A line twice, gone, or at another place.
  (input, random) => {
    const [start, end] = line(input, random);
    return splice(input, lineStart(input, random), 0, input.slice(start, end));
  },
  (input, random) => {
    const [start, end] = line(input, random);
    return splice(input, start, end - start, '');
  },
  // Line ends, white space and case.
  (input, random) =>
    replaceOne(input, '\r\n', random.pick(['\n', '\r', '\r\r\n', '\n\r', ' \r\n', '\r\n ', '\0\r\n']), random),
  (input, random) => replaceOne(input, ': ', random.pick([':', ' : ', ':\t', ':  ', ':\v', ':\n ', ':\r\n ']), random),
  (input, random) => replaceOne(input, ' ', random.pick(['  ', '\t', '', '\v', '\xa0']), random),
  (input, random) => {
    const [start, end] = line(input, random);
    const text = input.slice(start, end);
    return splice(input, start, end - start, random.once(2) ? text.toUpperCase() : text.toLowerCase());
  },
  // A digit, so that lengths and sizes are wrong.
  (input, random) => {
    const digits = [...input.matchAll(/[0-9]/g)];
    return digits.length === 0
      ? input
      : splice(input, random.pick(digits).index, 1, '0123456789aFx-+ '.charAt(random.below(16)));
  },
  // The start of one message and the end of another; one after the other; cut off.
  (input, random, other) =>
    input.slice(0, random.below(input.length + 1)) + other.slice(random.below(other.length + 1)),
  (input, _, other) => input + other,
  (input, random) => input.slice(0, random.below(input.length + 1)),
];

/** One mutation of `input` or, half of the time, up to four; `other`: a second message to mix in. */
export function mutate(input: string, other: string, random: Random): string {
  let mutated = input;
  for (let left = random.once(2) ? 1 : 1 + random.below(4); left > 0 && mutated.length > 0; left--) {
    mutated = random.pick(MUTATIONS)(mutated, random, other);
  }
  return mutated.slice(0, 16_384);
}

function splice(text: string, at: number, remove: number, insert: string): string {
  return text.slice(0, at) + insert + text.slice(at + remove);
}

/** Start and end of a random line, with its CRLF. */
function line(text: string, random: Random): [number, number] {
  const start = lineStart(text, random);
  const end = text.indexOf('\r\n', start);
  return [start, end === -1 ? text.length : end + 2];
}

function lineStart(text: string, random: Random): number {
  const before = text.lastIndexOf('\r\n', random.below(text.length + 1));
  return before === -1 ? 0 : before + 2;
}

function replaceOne(text: string, what: string, by: string, random: Random): string {
  const at = text.indexOf(what, random.below(text.length));
  return at === -1 ? text : splice(text, at, what.length, by);
}
