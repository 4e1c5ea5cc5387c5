import { FormSyntaxError, MAX_DEPTH } from './form.ts';

/** Where a parameter goes: a key of the map at this level, or (`null`) the end of the list at this level. */
export type Step = string | null;

/**
 * Splits a decoded parameter name into steps, as Rack does: `transactions[0][usage][hits]` is four keys, `a[]` a key
 * and a list. A leading bracket is dropped, so that `[usage][hits]`, which the official Ruby client sends, is read as
 * `usage[hits]` (contract section 2.2). What follows a malformed bracket is taken as one key. An empty list means
 * that the parameter has no name and is ignored. Throws FormSyntaxError beyond MAX_DEPTH steps.
 */
export function splitName(name: string): readonly Step[] {
  const steps: Step[] = [];
  let rest = firstKey(name, steps);
  while (rest !== '') {
    if (steps.length >= MAX_DEPTH) throw new FormSyntaxError('a parameter is nested too deeply');
    rest = nextStep(rest, steps);
  }
  return steps;
}

function firstKey(name: string, steps: Step[]): string {
  const start = leadingBrackets(name);
  const end = name.indexOf('[', Math.max(start, 1));
  if (end === -1 || end === name.length - 1) {
    const key = start === 0 ? name : name.slice(start).replace(/\]+$/, '');
    if (key !== '') steps.push(key);
    return '';
  }
  const key = start === 0 ? name.slice(0, end) : name.slice(start, end).replace(/\]+$/, '');
  if (key === '') return '';
  steps.push(key);
  return name.slice(end);
}

function leadingBrackets(name: string): number {
  let count = 0;
  while (name[count] === '[' || name[count] === ']') count++;
  return count;
}

function nextStep(rest: string, steps: Step[]): string {
  if (rest.startsWith('[]')) {
    steps.push(null);
    return rest.slice(2);
  }
  const end = rest.startsWith('[') ? rest.indexOf(']', 1) : -1;
  if (end === -1) {
    steps.push(rest);
    return '';
  }
  steps.push(rest.slice(1, end));
  return rest.slice(end + 1);
}
