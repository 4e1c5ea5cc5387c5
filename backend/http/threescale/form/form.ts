/**
 * A parsed form, nested as Rack nests it: `a[b]=1` is a map in a map, `a[]=1` a list, a name without `=` is null.
 * Maps keep the order in which names first came.
 */
export type FormMap = Map<string, FormValue>;
export type FormValue = string | null | FormValue[] | FormMap;

export interface ParsedForm {
  readonly values: FormMap;
  /** Some key or value is not UTF-8; the rest was parsed nevertheless. */
  readonly invalidEncoding: boolean;
}

/** Thrown for a form that cannot be understood; `message` is public. */
export class FormSyntaxError extends Error {}

/** Bounds of the contract's implementation (contract section 2.1). */
export const MAX_PARAMETERS = 4096;
export const MAX_FORM_BYTES = 4 * 1024 * 1024;
export const MAX_DEPTH = 32;

export function isFormMap(value: FormValue | undefined): value is FormMap {
  return value instanceof Map;
}

export function textOf(value: FormValue | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
