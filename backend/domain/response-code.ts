/** Statuses that are counted by themselves; every other one only in its class (contract section 8). */
const COUNTED_CODES: ReadonlySet<string> = new Set(['200', '403', '404', '500', '503']);
const COUNTED_CLASSES: ReadonlySet<string> = new Set(['2', '4', '5']);

/** The counters of a reported HTTP status, such as `404` and `4XX`; none for what is not three digits. */
export function responseCodes(code: string | null): readonly string[] {
  if (code === null || !/^\d{3}$/.test(code)) return [];
  const family = code.charAt(0);
  if (!COUNTED_CLASSES.has(family)) return [];
  return COUNTED_CODES.has(code) ? [code, `${family}XX`] : [`${family}XX`];
}
