import { asJson, encodeParts } from '../encoding.ts';
import type { Codec } from '../encoding.ts';
import type { AppliedPart, BatchEntry, BatchPart } from '../store.ts';
import { entryProblem, MAX_OPEN_SEQUENCES } from '../validation.ts';
import type { Cells, ReadableCells } from './cells.ts';
import { Ledger } from './counter-cells.ts';
import { isFrozen } from './fence.ts';
import type { Fence } from './fence.ts';

const floors: Codec<[number, number]> = asJson;
const epochs: Codec<[string]> = asJson;
const marks: Codec<[number, string][]> = asJson;

/** Marks are dropped when their producer was not heard for so long, ms (protocol R2). */
const MARKS_KEPT = 30 * 86_400_000;
export const FLOORS = 'f';

/** A batch's part, once (protocol R11): known, or every good entry is counted and the mark set. Twin: scripts/apply.lua. */
export function apply(cells: Cells, part: BatchPart, fence: Fence, now: number): AppliedPart {
  isFrozen(cells, fence, now);
  const mark = markKey(part.epoch, part.sequence);
  const floorKey = FLOORS + encodeParts([part.epoch]);
  const floor = readFloor(cells, floorKey);
  // Written even for a repeat, so that what makes an answer durable covers it (protocol R5, R12).
  cells.set(floorKey, JSON.stringify([Math.max(floor, part.floor), now]));
  dropMarks(cells, part.epoch, floor, part.floor);
  const digests = readMark(cells, mark);
  const digest = digests.get(part.slice);
  if (digest !== undefined && digest !== part.digest) return { result: 'conflict', setAside: [] };
  if (digest !== undefined || part.sequence < floor) return { result: 'repeat', setAside: [] };
  cells.set(mark, JSON.stringify([...digests.set(part.slice, part.digest)]));
  return { result: 'applied', setAside: applyEntries(cells, part.entries) };
}

function applyEntries(cells: Cells, entries: readonly BatchEntry[]): AppliedPart['setAside'] {
  const setAside: { index: number; reason: string }[] = [];
  for (const [index, entry] of entries.entries()) {
    const reason = entryProblem(entry) ?? applyEntry(cells, entry);
    if (reason !== null) setAside.push({ index, reason });
  }
  return setAside;
}

/** All of the entry or nothing; then, why. */
function applyEntry(cells: Cells, entry: BatchEntry): string | null {
  const ledger = new Ledger(cells, entry.service, entry.application, entry.at);
  for (const { metric, use, take, set } of entry.additions) {
    if (set) ledger.replace(metric, use);
    else ledger.add(metric, use, take);
  }
  for (const { code, use } of entry.codes) ledger.addCode(code, use);
  if (ledger.overflows) return 'a counter would leave 64 bits';
  ledger.commit();
  return null;
}

/** Forgets the floors of producers that were not heard for 30 days; their open marks with them. */
export function sweepMarks(cells: Cells, now: number): void {
  for (const [key] of cells.range(FLOORS, `${FLOORS}~`)) {
    const [floor, heard] = floors.read(cells.get(key) ?? '[0,0]');
    if (heard > now - MARKS_KEPT) continue;
    const [epoch] = epochs.read(key.slice(FLOORS.length));
    dropMarks(cells, epoch, floor, floor + MAX_OPEN_SEQUENCES);
    cells.delete(key);
  }
}

function dropMarks(cells: Cells, epoch: string, from: number, to: number): void {
  // No mark lies further above the floor than this, so a jump of the floor costs no more.
  const end = Math.min(to, from + MAX_OPEN_SEQUENCES);
  for (let sequence = from; sequence < end; sequence++) {
    const key = markKey(epoch, sequence);
    if (cells.get(key) !== undefined) cells.delete(key);
  }
}

function readFloor(cells: ReadableCells, key: string): number {
  const [floor] = floors.read(cells.get(key) ?? '[0,0]');
  return floor;
}

function readMark(cells: ReadableCells, key: string): Map<number, string> {
  const slices = marks.read(cells.get(key) ?? '[]');
  return new Map(slices);
}

function markKey(epoch: string, sequence: number): string {
  return `m${encodeParts([epoch, sequence])}`;
}
