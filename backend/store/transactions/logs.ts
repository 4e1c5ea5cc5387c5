import { asJson, encodeParts } from '../encoding.ts';
import type { Codec } from '../encoding.ts';
import type { DocumentKey, Json } from '../store.ts';
import { readNumber } from './cells.ts';
import type { Cells, ReadableCells } from './cells.ts';

const values: Codec<Json> = asJson;
const heads: Codec<Head> = asJson;

const ITEM = 'g';
const HEAD = 'i';
const FLAG = 'b';

interface LogItem {
  readonly id: number;
  readonly item: Json;
}

interface Head {
  /** Id of the newest item that the list ever had. */
  readonly last: number;
  readonly count: number;
}

export function appendItem(cells: Cells, list: DocumentKey, item: Json, bound: number): number {
  const { last, count } = readHead(cells, list);
  const id = last + 1;
  let surplus = count + 1 - bound;
  for (const [key] of itemsOf(cells, list)) {
    if (surplus <= 0) break;
    cells.delete(key);
    surplus -= 1;
  }
  if (bound > 0) cells.set(itemKey(list, id), JSON.stringify(item));
  writeHead(cells, list, { last: id, count: Math.min(count + 1, bound) });
  return id;
}

export function readItems(cells: ReadableCells, list: DocumentKey, offset: number, count: number): readonly LogItem[] {
  const newestFirst = [...itemsOf(cells, list)].toReversed();
  return newestFirst.slice(offset, offset + count).map(([key, text]) => ({ id: idOf(key), item: values.read(text) }));
}

export function countItems(cells: ReadableCells, list: DocumentKey): number {
  return readHead(cells, list).count;
}

export function removeItems(cells: Cells, list: DocumentKey, id: number, upto: boolean): number {
  const found = [...itemsOf(cells, list)].filter(([key]) => (upto ? idOf(key) <= id : idOf(key) === id));
  for (const [key] of found) cells.delete(key);
  const { last, count } = readHead(cells, list);
  if (found.length > 0) writeHead(cells, list, { last, count: count - found.length });
  return found.length;
}

export function setFlag(cells: Cells, flag: DocumentKey, until: number, now: number): boolean {
  if (readFlag(cells, flag, now)) return false;
  cells.set(flagKey(flag), String(until));
  return true;
}

export function readFlag(cells: ReadableCells, flag: DocumentKey, now: number): boolean {
  return readNumber(cells, flagKey(flag)) > now;
}

export function clearFlag(cells: Cells, flag: DocumentKey): void {
  cells.delete(flagKey(flag));
}

export function sweepFlags(cells: Cells, now: number): void {
  for (const [key, until] of cells.range(FLAG, `${FLAG}~`)) if (Number(until) <= now) cells.delete(key);
}

function readHead(cells: ReadableCells, list: DocumentKey): Head {
  const text = cells.get(HEAD + encodeParts(list));
  if (text === undefined) return { last: 0, count: 0 };
  const head = heads.read(text);
  return head;
}

function writeHead(cells: Cells, list: DocumentKey, head: Head): void {
  cells.set(HEAD + encodeParts(list), JSON.stringify(head));
}

function itemsOf(cells: ReadableCells, list: DocumentKey): Iterable<readonly [string, string]> {
  return cells.range(itemKey(list, 0), `${ITEM}${encodeParts(list)}~`);
}

function itemKey(list: DocumentKey, id: number): string {
  return ITEM + encodeParts(list) + String(id).padStart(16, '0');
}

function idOf(key: string): number {
  return Number(key.slice(-16));
}

function flagKey(flag: DocumentKey): string {
  return FLAG + encodeParts(flag);
}
