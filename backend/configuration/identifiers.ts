/** Longest id in the configuration, bytes of its JSON form: three of them make a key that every store can hold. */
export const MAX_ID_BYTES = 500;
/** So many characters fit in any case: a control character takes six bytes. */
const SHORT = Math.floor((MAX_ID_BYTES - 2) / 6);

/** False for an id that nothing can have. */
export function isPossibleId(id: string): boolean {
  if (id.length === 0) return false;
  return id.length <= SHORT || Buffer.byteLength(JSON.stringify(id)) <= MAX_ID_BYTES;
}
