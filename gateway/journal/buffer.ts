import type { HoldNumber } from './contract.ts';
import { ENTRY, SIZE } from './format.ts';
import type { Output } from './output.ts';
import type { Tables } from './tables.ts';
import { Tally } from './tally.ts';

/**
 * What one side of the buffer holds until the next write. The journal has three: `tick`, whose content belongs to requests
 * that are refused when the write fails; `late` and `codes`, which are about requests that are over and are kept until
 * they are written.
 */
export class EntryBuffer {
  readonly tally = new Tally();
  #sending: HoldNumber[] = [];
  #resolved: HoldNumber[] = [];
  #closed: number[] = [];

  get empty(): boolean {
    return (
      this.tally.count === 0 && this.#sending.length === 0 && this.#resolved.length === 0 && this.#closed.length === 0
    );
  }

  /** Units of usage. */
  get usage(): number {
    let units = 0;
    for (let at = 0; at < this.tally.count; at++)
      units += this.tally.types[at] === ENTRY.use ? (this.tally.uses[at] ?? 0) : 0;
    return units;
  }

  sending(hold: HoldNumber): void {
    this.#sending.push(hold);
  }

  resolve(hold: HoldNumber): void {
    this.#resolved.push(hold);
  }

  closeLease(number: number): void {
    this.#closed.push(number);
  }

  clear(): void {
    this.tally.clear();
    if (this.#sending.length > 0) this.#sending = [];
    if (this.#resolved.length > 0) this.#resolved = [];
    if (this.#closed.length > 0) this.#closed = [];
  }

  encode(tables: Tables, output: Output): void {
    const { tally } = this;
    for (let at = 0; at < tally.count; at++) encodeTallied(tally, at, tables, output);
    for (const hold of this.#sending) encodeNumber(ENTRY.sending, hold, output);
    for (const hold of this.#resolved) encodeNumber(ENTRY.resolve, hold, output);
    for (const number of this.#closed) encodeNumber(ENTRY.closeLease, number, output);
  }
}

function encodeTallied(tally: Tally, at: number, tables: Tables, output: Output): void {
  const type = tally.types[at] ?? 0;
  const owner = tables.localOwner(tally.owners[at] ?? 0, output);
  if (type === ENTRY.code) {
    output.entry(SIZE.code);
    output.u8(type);
    output.u32(owner);
    output.u32(tally.minutes[at] ?? 0);
    output.u16(tally.metrics[at] ?? 0);
    output.u32(tally.uses[at] ?? 0);
    return;
  }
  const metric = tables.localMetric(tally.metrics[at] ?? 0, output);
  output.entry(SIZE.use);
  output.u8(type);
  output.u32(owner);
  output.u32(metric);
  output.u32(tally.minutes[at] ?? 0);
  output.f64(tally.uses[at] ?? 0);
  if (type === ENTRY.aside) return;
  if (type === ENTRY.use) output.f64(tally.takes[at] ?? 0);
  output.u32(tally.numbers[at] ?? 0);
}

export function encodeNumber(type: number, number: number, output: Output): void {
  output.entry(SIZE.resolve);
  output.u8(type);
  output.u32(number);
}
