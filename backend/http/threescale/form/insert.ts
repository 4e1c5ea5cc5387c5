import { FormSyntaxError } from './form.ts';
import type { FormMap, FormValue } from './form.ts';
import type { Step } from './name.ts';

/**
 * Puts a parameter where its steps lead, making maps and lists on the way. Throws FormSyntaxError where an earlier
 * parameter gave that place another shape.
 */
export function insert(root: FormMap, steps: readonly Step[], value: string | null): void {
  const last = steps.length - 1;
  if (last < 0) return;
  let level: FormMap = root;
  for (let i = 0; i < last; i++) {
    // A level is always a map here: a list is left by the step that follows it.
    const key = steps[i] ?? '';
    const next = steps[i + 1];
    if (next === null) {
      const list = listAt(level, key);
      if (i + 1 === last) {
        list.push(value);
        return;
      }
      level = elementFor(list, steps, i + 2);
      i += 1;
      continue;
    }
    level = mapAt(level, key);
  }
  level.set(steps[last] ?? '', value);
}

function listAt(level: FormMap, key: string): FormValue[] {
  const found = level.get(key);
  if (Array.isArray(found)) return found;
  // A null is a name that came without a value: it gives way.
  if (found !== undefined && found !== null) throw new FormSyntaxError(`expected a list for parameter ${quote(key)}`);
  const list: FormValue[] = [];
  level.set(key, list);
  return list;
}

function mapAt(level: FormMap, key: string): FormMap {
  const found = level.get(key);
  if (found instanceof Map) return found;
  if (found !== undefined && found !== null) throw new FormSyntaxError(`expected a hash for parameter ${quote(key)}`);
  const map: FormMap = new Map();
  level.set(key, map);
  return map;
}

/** `a[][x]=1&a[][y]=2` fills one element, a second `a[][x]` begins the next one. */
function elementFor(list: FormValue[], steps: readonly Step[], from: number): FormMap {
  const current = list.at(-1);
  if (current instanceof Map && !has(current, steps, from)) return current;
  const element: FormMap = new Map();
  list.push(element);
  return element;
}

function has(map: FormMap, steps: readonly Step[], from: number): boolean {
  let level: FormValue | undefined = map;
  for (let i = from; i < steps.length; i++) {
    const step = steps[i];
    if (step === null || step === undefined) return false;
    if (!(level instanceof Map)) return false;
    level = level.get(step);
    if (level === undefined) return false;
  }
  return true;
}

function quote(key: string): string {
  return JSON.stringify(key.slice(0, 40));
}
