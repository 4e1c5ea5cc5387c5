import { OTHER } from './field-names.ts';
import type { Fields } from './fields.ts';

/** A set of kinds (field-names.ts). */
export function kindSet(...kinds: number[]): Uint8Array {
  const set = new Uint8Array(32);
  for (const kind of kinds) set[kind] = 1;
  return set;
}

/**
 * The field lines that go on, copied in runs as long as possible; lines with odd white space are written anew.
 * Left out: fields of a kind in `without`, and those with a name in `drop` (lower case, `_` as `-`).
 */
export function keptLines(fields: Fields, without: Uint8Array, drop: ReadonlySet<string> | null): string {
  const { head, kinds, count } = fields;
  let kept = '';
  let run = -1;
  for (let i = 0; i < count; i++) {
    const dropped = without[kinds[i] ?? OTHER] === 1 || (drop !== null && isNamed(fields, i, drop));
    if (!dropped && fields.isCanonical(i)) {
      if (run === -1) run = fields.nameStart(i);
      continue;
    }
    if (run !== -1) kept += head.slice(run, fields.nameStart(i));
    run = -1;
    if (!dropped) kept += `${head.slice(fields.nameStart(i), fields.nameEnd(i))}: ${fields.value(i)}\r\n`;
  }
  return run === -1 ? kept : kept + head.slice(run);
}

function isNamed(fields: Fields, i: number, names: ReadonlySet<string>): boolean {
  const name = fields.lowerName(i);
  return names.has(name.includes('_') ? name.replaceAll('_', '-') : name);
}
