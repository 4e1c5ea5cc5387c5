import type { Json } from '../../store/store.ts';

export type JsonObject = { readonly [key: string]: Json };

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** A text field of a stored document; null when it is absent or of another type. */
export function text(record: JsonObject, field: string): string | null {
  const value = record[field];
  return typeof value === 'string' ? value : null;
}

export function number(record: JsonObject, field: string): number | null {
  const value = record[field];
  return typeof value === 'number' ? value : null;
}

export function flag(record: JsonObject, field: string): boolean {
  return record[field] === true;
}

/** The texts of a list; what is no text is left out. */
export function texts(value: Json | undefined): readonly string[] {
  return isList(value) ? value.filter((item) => typeof item === 'string') : [];
}
