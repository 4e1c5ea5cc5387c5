import type { HoldNumber, MetricHandle, OwnerHandle } from './contract.ts';
import { ENTRY, SIZE } from './format.ts';
import { encodeNumber } from './buffer.ts';
import type { Output } from './output.ts';
import type { Tables } from './tables.ts';

/** A hold that is older is written again into the newest segment, so that its first one can go, ms. */
const RESTATE_AFTER = 10_000;

interface Hold {
  readonly owner: OwnerHandle;
  readonly metric: MetricHandle;
  readonly minute: number;
  readonly use: number;
  sending: boolean;
  /** Segment that holds the last statement of it; 0 until it is written. */
  segment: number;
  statedAt: number;
}

/** Usage whose outcome is still open. */
export class Holds {
  #next: HoldNumber = 1;
  readonly #open = new Map<HoldNumber, Hold>();
  #tick: HoldNumber[] = [];
  /** Segment → holds that are stated there and open. */
  readonly #outstanding = new Map<number, number>();

  /** Units held. */
  units = 0;

  /** True once a hold was made: then segments must go in their order. */
  get used(): boolean {
    return this.#next > 1;
  }

  add(owner: OwnerHandle, metric: MetricHandle, minute: number, use: number): HoldNumber {
    const number = this.#next++;
    this.#open.set(number, { owner, metric, minute, use, sending: false, segment: 0, statedAt: 0 });
    this.#tick.push(number);
    this.units += use;
    return number;
  }

  get hasTick(): boolean {
    return this.#tick.length > 0;
  }

  /** False: there is no such hold (any more). */
  markSending(number: HoldNumber): boolean {
    const hold = this.#open.get(number);
    if (hold === undefined) return false;
    hold.sending = true;
    return true;
  }

  /** False: there is no such hold, or it was never written; then nothing has to be said about it. */
  resolve(number: HoldNumber): boolean {
    const hold = this.#open.get(number);
    if (hold === undefined) return false;
    this.#open.delete(number);
    this.units -= hold.use;
    if (hold.segment === 0) return false;
    this.#count(hold.segment, -1);
    return true;
  }

  outstanding(segment: number): number {
    return this.#outstanding.get(segment) ?? 0;
  }

  encodeTick(tables: Tables, output: Output): void {
    for (const number of this.#tick) this.#encode(number, tables, output);
  }

  /** Writes old ones again; call at the beginning of a segment. */
  encodeOld(now: number, tables: Tables, output: Output): HoldNumber[] {
    const old: HoldNumber[] = [];
    for (const [number, hold] of this.#open) {
      if (hold.segment === 0 || now - hold.statedAt < RESTATE_AFTER) continue;
      this.#encode(number, tables, output);
      old.push(number);
    }
    return old;
  }

  /** The tick's holds, when `tick`, and those written again are in this segment. */
  written(segment: number, now: number, tick: boolean, restated: readonly HoldNumber[]): void {
    for (const number of restated) this.#stated(number, segment, now);
    if (!tick) return;
    for (const number of this.#tick) this.#stated(number, segment, now);
    this.#tick = [];
  }

  /** The tick was not written: its holds are void. */
  dropTick(): void {
    for (const number of this.#tick) {
      this.units -= this.#open.get(number)?.use ?? 0;
      this.#open.delete(number);
    }
    this.#tick = [];
  }

  #stated(number: HoldNumber, segment: number, now: number): void {
    const hold = this.#open.get(number);
    if (hold === undefined) return;
    if (hold.segment !== 0) this.#count(hold.segment, -1);
    hold.segment = segment;
    hold.statedAt = now;
    this.#count(segment, 1);
  }

  #count(segment: number, change: number): void {
    const count = (this.#outstanding.get(segment) ?? 0) + change;
    if (count === 0) this.#outstanding.delete(segment);
    else this.#outstanding.set(segment, count);
  }

  #encode(number: HoldNumber, tables: Tables, output: Output): void {
    const hold = this.#open.get(number);
    if (hold === undefined) return;
    const owner = tables.localOwner(hold.owner, output);
    const metric = tables.localMetric(hold.metric, output);
    output.entry(SIZE.hold);
    output.u8(ENTRY.hold);
    output.u32(owner);
    output.u32(metric);
    output.u32(hold.minute);
    output.f64(hold.use);
    output.u32(number);
    if (hold.sending) encodeNumber(ENTRY.sending, number, output);
  }
}
