import type { Json } from '../../store/store.ts';
import { isList, isObject, number, text, texts } from './fields.ts';

export interface ApplicationRecord {
  readonly state: string;
  readonly planId: string | null;
  readonly planName: string | null;
  readonly redirectUrl: string | null;
  readonly keys: readonly KeyRecord[];
  readonly referrerFilters: readonly string[];
}

export interface KeyRecord {
  readonly digest: string;
  /** The key itself, sealed. */
  readonly key: Json;
  /** From then on it is not accepted, ms since the epoch; null: no end. */
  readonly expires: number | null;
}

export function readApplication(value: Json | undefined): ApplicationRecord | null {
  if (!isObject(value)) return null;
  const keys = value['keys'];
  return {
    state: text(value, 'state') ?? '',
    planId: text(value, 'planId'),
    planName: text(value, 'planName'),
    redirectUrl: text(value, 'redirectUrl'),
    keys: isList(keys) ? keys.flatMap(readKey) : [],
    referrerFilters: texts(value['referrerFilters']),
  };
}

function readKey(value: Json): KeyRecord[] {
  const digest = isObject(value) ? text(value, 'digest') : null;
  if (!isObject(value) || digest === null) return [];
  return [{ digest, key: value['key'] ?? null, expires: number(value, 'expires') }];
}

export function writeApplication(record: ApplicationRecord): Json {
  return { ...record, keys: record.keys.map((key) => ({ ...key })) };
}
