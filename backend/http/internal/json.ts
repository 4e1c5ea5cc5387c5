/** What a handler answers with; integers of 64 bits are bigints. */
export type Answer = null | boolean | number | bigint | string | readonly Answer[] | { readonly [key: string]: Answer };

/** Marks a bigint inside of a JSON text until its quotes are taken away. */
const MARK = '\u0000integer:';
const MARKED = /"\\u0000integer:(-?\d+)"/g;

/** JSON with exact integers: those beyond 2^53 as well. */
export function toJson(value: Answer): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'bigint' ? `${MARK}${member}` : member,
  ).replace(MARKED, '$1');
}
