import { decodeComponent } from './decode.ts';
import { FormSyntaxError, MAX_FORM_BYTES, MAX_PARAMETERS } from './form.ts';
import type { FormMap, ParsedForm } from './form.ts';
import { insert } from './insert.ts';
import { splitName } from './name.ts';
import type { Step } from './name.ts';

/**
 * Parses `application/x-www-form-urlencoded`, given as one character per byte, with Rack's nesting. A name that comes
 * again replaces the value. Throws FormSyntaxError for a broken escape, for names that contradict each other
 * (`a=1&a[b]=1`) and beyond the bounds of form.ts.
 */
export type FormParser = (bytes: string) => ParsedForm;

interface Name {
  readonly steps: readonly Step[];
  readonly validEncoding: boolean;
}

/** Names are few and come in every request: this many of them are remembered, each up to this length. */
const NAME_CACHE_SIZE = 512;
const NAME_CACHE_LENGTH = 64;

/** A parser with its own bounded memory of names. */
export function createFormParser(): FormParser {
  const names = new Map<string, Name>();

  function nameOf(bytes: string): Name {
    const known = names.get(bytes);
    if (known !== undefined) return known;
    const name = readName(bytes);
    if (bytes.length <= NAME_CACHE_LENGTH) {
      if (names.size >= NAME_CACHE_SIZE) names.clear();
      names.set(bytes, name);
    }
    return name;
  }

  return (bytes) => {
    if (bytes.length > MAX_FORM_BYTES) throw new FormSyntaxError(`the form is larger than ${MAX_FORM_BYTES} bytes`);
    const values: FormMap = new Map();
    let invalidEncoding = false;
    let count = 0;
    for (let start = 0; start < bytes.length;) {
      if (++count > MAX_PARAMETERS) throw new FormSyntaxError(`there are more than ${MAX_PARAMETERS} parameters`);
      let end = bytes.indexOf('&', start);
      if (end === -1) end = bytes.length;
      const first = start === 0 ? 0 : skipSpaces(bytes, start);
      if (first < end && !readPair(bytes.slice(first, end), values, nameOf)) invalidEncoding = true;
      start = end + 1;
    }
    return { values, invalidEncoding };
  };
}

/** False when it is not UTF-8. */
function readPair(pair: string, values: FormMap, nameOf: (bytes: string) => Name): boolean {
  const equals = pair.indexOf('=');
  const name = nameOf(equals === -1 ? pair : pair.slice(0, equals));
  const value = equals === -1 ? null : decodeComponent(pair.slice(equals + 1));
  if (value?.problem === 'syntax') throw new FormSyntaxError('Invalid query parameters: invalid %-encoding');
  insert(values, name.steps, value === null ? null : value.text);
  return name.validEncoding && value?.problem !== 'encoding';
}

function readName(bytes: string): Name {
  const { text, problem } = decodeComponent(bytes);
  if (problem === 'syntax') throw new FormSyntaxError('Invalid query parameters: invalid %-encoding');
  return { steps: splitName(text), validEncoding: problem === null };
}

function skipSpaces(bytes: string, start: number): number {
  let position = start;
  while (bytes.charCodeAt(position) === 0x20) position++;
  return position;
}
