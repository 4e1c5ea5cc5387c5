import type { UsageOwner } from './contract.ts';
import { EntryBuffer } from './buffer.ts';
import { ENTRY, FRAME, MINUTE_MS, VERSION } from './format.ts';
import type { FoldedUsage } from './fold.ts';
import type { OpenHold } from './leftovers.ts';
import { Output } from './output.ts';
import { Tables } from './tables.ts';

/** The first frame of a segment. */
export function encodeHeader(output: Output, epoch: string, sequence: number, now: number): void {
  output.beginFrame(FRAME.header);
  output.reserve(34);
  output.u16(VERSION);
  output.length += output.bytes.write(epoch, output.length, 16, 'hex');
  output.f64(sequence);
  output.f64(now);
  output.endFrame();
}

/** The last frame of a sealed segment. `firstMinute` in minutes since the epoch, 0 for none. */
export function encodeSeal(output: Output, units: number, firstMinute: number, entries: number): void {
  output.beginFrame(FRAME.seal);
  output.reserve(16);
  output.f64(units);
  output.u32(firstMinute);
  output.u32(entries);
  output.endFrame();
}

/** A whole segment that holds this usage as uncertain. */
export function encodeUsage(epoch: string, sequence: number, usage: readonly FoldedUsage[], now: number): Buffer {
  const rows = usage.map(({ owner, metric, minute, use }) => ({ owner, metric, minute: minute / MINUTE_MS, use }));
  return encodeSegment(epoch, sequence, now, (buffer, tables) => {
    for (const row of rows) addRow(buffer, tables, ENTRY.aside, row);
  });
}

/** The last segment of a dead process: what it held stands, or is uncertain where the backend may have been told of it. */
export function encodeClosing(epoch: string, sequence: number, holds: readonly OpenHold[], now: number): Buffer {
  return encodeSegment(epoch, sequence, now, (buffer, tables) => {
    for (const hold of holds) {
      addRow(buffer, tables, hold.sending ? ENTRY.aside : ENTRY.use, hold);
      buffer.resolve(hold.number);
    }
  });
}

interface Row {
  readonly owner: UsageOwner;
  readonly metric: string;
  /** Minutes since the epoch. */
  readonly minute: number;
  readonly use: number;
}

/** Names its own owners: each object once. */
class RowTables extends Tables {
  readonly #handles = new Map<UsageOwner, number>();

  handle(owner: UsageOwner): number {
    let handle = this.#handles.get(owner);
    if (handle === undefined) this.#handles.set(owner, (handle = this.owner(owner)));
    return handle;
  }
}

function addRow(buffer: EntryBuffer, tables: RowTables, type: number, { owner, metric, minute, use }: Row): void {
  buffer.tally.add(type, tables.handle(owner), tables.metric(metric), minute, 0, use, use);
}

function encodeSegment(
  epoch: string,
  sequence: number,
  now: number,
  fill: (buffer: EntryBuffer, tables: RowTables) => void,
): Buffer {
  const output = new Output();
  const tables = new RowTables();
  const buffer = new EntryBuffer();
  fill(buffer, tables);
  const { units, firstMinute, count } = sumOf(buffer);
  encodeHeader(output, epoch, sequence, now);
  output.beginFrame(FRAME.entries);
  buffer.encode(tables, output);
  output.endFrame();
  encodeSeal(output, units, firstMinute, count);
  return Buffer.from(output.bytes.subarray(0, output.length));
}

function sumOf({ tally }: EntryBuffer): { units: number; firstMinute: number; count: number } {
  let units = 0;
  let firstMinute = 0;
  for (let at = 0; at < tally.count; at++) {
    const minute = tally.minutes[at] ?? 0;
    if (tally.types[at] === ENTRY.use) units += tally.uses[at] ?? 0;
    if (firstMinute === 0 || minute < firstMinute) firstMinute = minute;
  }
  return { units, firstMinute, count: tally.count };
}
