import { OTHER } from './field-names.ts';
import type { Fields } from './fields.ts';
import type { NameSet } from './name-set.ts';

/** A set of kinds (field-names.ts). */
export function kindSet(...kinds: number[]): Uint8Array {
  const set = new Uint8Array(32);
  for (const kind of kinds) set[kind] = 1;
  return set;
}

/**
 * The field lines that go on, copied in runs as long as possible; lines with odd white space are written anew.
 * Left out: fields of a kind in `without`, and those with a name in `drop`. `start`: where the first run may begin, 0
 * when the first line of the head goes on as it is, else the start of the first field.
 */
export function keptLines(fields: Fields, start: number, without: Uint8Array, drop: NameSet | null): string {
  const { head, kinds, canonical, count } = fields;
  let kept = '';
  let run = start;
  for (let i = 0; i < count; i++) {
    const dropped = without[kinds[i] ?? OTHER] === 1 || (drop !== null && drop.hasName(fields, i));
    if (!dropped && canonical[i] === 1) continue;
    const line = fields.nameStart(i);
    if (line > run) kept += head.slice(run, line);
    run = fields.lineEnd(i);
    if (!dropped) kept += `${head.slice(line, fields.nameEnd(i))}: ${fields.value(i)}\r\n`;
  }
  return run === head.length ? kept : kept + head.slice(run);
}
