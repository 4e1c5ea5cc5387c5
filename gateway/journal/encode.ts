import type { UsageOwner } from './contract.ts';
import { EntryBuffer } from './buffer.ts';
import { ENTRY, FRAME, MINUTE_MS, VERSION } from './format.ts';
import type { FoldedUsage } from './fold.ts';
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
  const output = new Output();
  const tables = new Tables();
  const handles = new Map<UsageOwner, number>();
  encodeHeader(output, epoch, sequence, now);
  output.beginFrame(FRAME.entries);
  const buffer = new EntryBuffer();
  for (const row of usage) {
    let owner = handles.get(row.owner);
    if (owner === undefined) handles.set(row.owner, (owner = tables.owner(row.owner)));
    buffer.tally.add(ENTRY.aside, owner, tables.metric(row.metric), row.minute / MINUTE_MS, 0, row.use, 0);
  }
  buffer.encode(tables, output);
  output.endFrame();
  const units = usage.reduce((sum, row) => sum + row.use, 0);
  encodeSeal(output, units, 0, usage.length);
  return Buffer.from(output.bytes.subarray(0, output.length));
}
