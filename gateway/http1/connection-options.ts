import { CONNECTION, DROPPED, isProtected } from './field-names.ts';
import type { Fields } from './fields.ts';

/** Bits of what the Connection fields of a head say (RFC 9110 section 7.6.1). */
export const CLOSE = 1;
export const KEEP_ALIVE = 2;
export const UPGRADING = 4;
/** The list is malformed, or names a field that framing or the gateway needs. */
export const FORBIDDEN = 8;

const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
/** JavaScript's trim takes more characters for white space than RFC 9110 section 5.6.3 does. */
const WHITE_SPACE = /^[ \t]+|[ \t]+$/g;
const NONE: ReadonlySet<string> = new Set();

/**
 * Reads all Connection fields as one list and marks the fields that it names as dropped. `reserved`: names that it
 * may not list beside those of `isProtected`.
 */
export function connectionOptions(fields: Fields, reserved: ReadonlySet<string> = NONE): number {
  let options = 0;
  if (!fields.has(CONNECTION)) return options;
  for (let i = 0; i < fields.count; i++) {
    if (fields.kinds[i] !== CONNECTION) continue;
    const value = fields.value(i).toLowerCase();
    if (value === 'keep-alive') options |= KEEP_ALIVE;
    else if (value === 'close') options |= CLOSE;
    else options |= readList(value, fields, reserved);
  }
  return options;
}

function readList(list: string, fields: Fields, reserved: ReadonlySet<string>): number {
  let options = 0;
  for (const element of list.split(',')) {
    const name = element.replaceAll(WHITE_SPACE, '');
    if (name === 'keep-alive') options |= KEEP_ALIVE;
    else if (name === 'close') options |= CLOSE;
    else if (name === 'upgrade') options |= UPGRADING;
    else if (name !== '') options |= dropNamed(name, fields, reserved);
  }
  return options;
}

function dropNamed(name: string, fields: Fields, reserved: ReadonlySet<string>): number {
  const dashed = name.includes('_') ? name.replaceAll('_', '-') : name;
  if (!NAME.test(name) || isProtected(dashed) || reserved.has(dashed)) return FORBIDDEN;
  fields.mark(name, DROPPED);
  return 0;
}
