import { asJson, canonicalJson, encodeParts, encodePrefix } from '../encoding.ts';
import type { Codec } from '../encoding.ts';
import type {
  ApplicationRef,
  DocumentChange,
  DocumentKey,
  DocumentPage,
  DocumentWrite,
  Expectation,
  Json,
  TrailEntry,
  WriteOptions,
} from '../store.ts';
import { readNumber } from './cells.ts';
import type { Cells, ReadableCells } from './cells.ts';
import { appendItem, readItems } from './logs.ts';

const names: Codec<string[]> = asJson;
const values: Codec<Json> = asJson;
const changeLists: Codec<ApplicationRef[]> = asJson;

/** Changes kept for gateways that were away. */
export const MAX_CHANGES = 10_000;
/** Entries that the trail keeps. */
export const MAX_TRAIL = 10_000;

const DOCUMENT = 'd';
const VERSION = 'n';
const CHANGE = 'c';
/** Highest version whose change is no longer known. */
const FORGOTTEN = 'x';
/** The list of the trail: no other begins with an empty part. */
const TRAIL: DocumentKey = ['', 'trail'];

export function readDocument(cells: ReadableCells, key: DocumentKey): Json {
  const text = cells.get(documentKey(key));
  return text === undefined ? null : values.read(text);
}

/** Twin: scripts/write-documents.lua. */
export function writeDocuments(
  cells: Cells,
  writes: readonly DocumentWrite[],
  { expect = [], changed = [], entry }: WriteOptions,
): number | null {
  if (!expect.every((expectation) => isMet(cells, expectation))) return null;
  for (const { key, value } of writes) {
    if (value === null) cells.delete(documentKey(key));
    else cells.set(documentKey(key), canonicalJson(value));
  }
  if (entry !== undefined) appendItem(cells, TRAIL, entry, MAX_TRAIL);
  return raiseVersion(cells, changed);
}

export function readTrail(cells: ReadableCells, offset: number, count: number): readonly TrailEntry[] {
  return readItems(cells, TRAIL, offset, count);
}

function isMet(cells: ReadableCells, { key, exists, equals }: Expectation): boolean {
  const text = cells.get(documentKey(key));
  if (exists !== undefined && exists !== (text !== undefined)) return false;
  return equals === undefined || (text ?? 'null') === canonicalJson(equals);
}

function raiseVersion(cells: Cells, changed: readonly ApplicationRef[]): number {
  const version = readVersion(cells) + 1;
  cells.set(VERSION, String(version));
  cells.set(changeKey(version), JSON.stringify(changed));
  if (version > MAX_CHANGES) {
    cells.set(FORGOTTEN, String(version - MAX_CHANGES));
    cells.delete(changeKey(version - MAX_CHANGES));
  }
  return version;
}

/** Forgets every change that was made so far, at a new version: for an emptied store, whose readers must drop all they know. */
export function forgetChanges(cells: Cells, version: number): void {
  cells.set(VERSION, String(version));
  cells.set(FORGOTTEN, String(version));
}

export function readVersion(cells: ReadableCells): number {
  return readNumber(cells, VERSION);
}

export function readChanges(cells: ReadableCells, since: number): readonly DocumentChange[] | null {
  if (since < readNumber(cells, FORGOTTEN) || since > readVersion(cells)) return null;
  const changes: DocumentChange[] = [];
  for (const [key, text] of cells.range(changeKey(since + 1), `${CHANGE}~`)) {
    const changed = changeLists.read(text);
    if (changed.length > 0) changes.push({ version: Number(key.slice(CHANGE.length)), changed });
  }
  return changes;
}

export function listDocuments(
  cells: ReadableCells,
  prefix: DocumentKey,
  cursor: string | null,
  limit: number,
): DocumentPage {
  const start = DOCUMENT + encodePrefix(prefix);
  const entries: { key: DocumentKey; value: Json }[] = [];
  let last: string | null = null;
  for (const [key, text] of cells.range(cursor === null ? start : `${DOCUMENT}${cursor}\u0001`, `${start}~`)) {
    if (entries.length === limit) return { entries, cursor: last };
    last = key.slice(DOCUMENT.length);
    entries.push({ key: names.read(last), value: values.read(text) });
  }
  return { entries, cursor: null };
}

function documentKey(key: DocumentKey): string {
  return DOCUMENT + encodeParts(key);
}

function changeKey(version: number): string {
  return CHANGE + String(version).padStart(16, '0');
}
