import type { ApplicationRef } from './application.ts';

/** Path of a document, such as ['application', service, id]. Parts are arbitrary strings; the encoding cannot collide. */
export type DocumentKey = readonly string[];
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface DocumentWrite {
  readonly key: DocumentKey;
  /** null deletes. */
  readonly value: Json;
}

export interface Expectation {
  readonly key: DocumentKey;
  /** Whether the document must be there. */
  readonly exists?: boolean;
  /** What it must hold. */
  readonly equals?: Json;
}

export interface WriteOptions {
  readonly expect?: readonly Expectation[];
  readonly changed?: readonly ApplicationRef[];
  /** What is said of this write in the trail. */
  readonly entry?: Json;
}

export interface TrailEntry {
  readonly id: number;
  readonly item: Json;
}

export interface DocumentPage {
  readonly entries: readonly { readonly key: DocumentKey; readonly value: Json }[];
  /** Pass to the next call; null at the end. */
  readonly cursor: string | null;
}

/** Configuration: services, applications, keys, plans, limits, tokens. All of it shares one hash slot, so that any set of writes is atomic and has one version. */
export interface Documents {
  get(key: DocumentKey): Promise<Json>;
  getMany(keys: readonly DocumentKey[]): Promise<readonly Json[]>;
  /**
   * Applies all writes and raises the version, or does nothing when an expectation fails. `changed` names the
   * applications whose decisions may differ (application '*' = all of the service), recorded under the new version
   * (protocol R6); `entry` is added to the trail, and the oldest beyond MAX_TRAIL are dropped. Returns the new
   * version, or null when an expectation failed.
   */
  write(writes: readonly DocumentWrite[], options: WriteOptions): Promise<number | null>;
  /** What was said of the writes, newest first, each with an id that grows. */
  trail(offset: number, count: number): Promise<readonly TrailEntry[]>;
  /** Direct and indirect children of `prefix`, in an order that is stable while nothing changes. */
  list(prefix: DocumentKey, cursor: string | null, limit: number): Promise<DocumentPage>;
  version(): Promise<number>;
  /** Changes after `version`, oldest first; null when that is too long ago to say. */
  changesSince(version: number): Promise<readonly DocumentChange[] | null>;
  /** Calls `listener` within a second after any process changed anything; `null` means: may have missed some, drop every cache. Returns the unsubscriber. */
  onChange(listener: (version: number | null, keys: readonly DocumentKey[]) => void): () => void;
}

export interface DocumentChange {
  readonly version: number;
  readonly changed: readonly ApplicationRef[];
}
