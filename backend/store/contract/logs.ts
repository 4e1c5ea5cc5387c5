import type { DocumentKey, Json } from './documents.ts';

/** Bounded lists and flags: integration errors, events, alerts, audit trail. */
export interface Logs {
  /** Adds an item and drops the oldest beyond `bound`. Returns its id, growing within a list. */
  append(list: DocumentKey, item: Json, bound: number): Promise<number>;
  /** Newest first. */
  range(
    list: DocumentKey,
    offset: number,
    count: number,
  ): Promise<readonly { readonly id: number; readonly item: Json }[]>;
  count(list: DocumentKey): Promise<number>;
  /** Removes one item by id, or with `upto` all with id ≤ it. Returns how many. */
  remove(list: DocumentKey, id: number, upto: boolean): Promise<number>;
  clear(list: DocumentKey): Promise<void>;
  /** Sets the flag for `milliseconds` if it is not set. True when this call set it. */
  setOnce(flag: DocumentKey, milliseconds: number): Promise<boolean>;
  isSet(flag: DocumentKey): Promise<boolean>;
  /** Takes the flag back, if it is set. */
  clearFlag(flag: DocumentKey): Promise<void>;
}
