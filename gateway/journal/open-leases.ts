import type { MetricHandle, OwnerHandle } from './contract.ts';
import { ENTRY, SIZE } from './format.ts';
import type { Output } from './output.ts';
import type { Tables } from './tables.ts';
import type { Tally } from './tally.ts';

/**
 * A lease's level is written again when its last statement is older, so that an adopter finds it in what is kept, ms.
 * Less than half of the horizon for which applied segments are kept.
 */
const RESTATE_AFTER = 25_000;

interface OpenLease {
  readonly number: number;
  readonly owner: OwnerHandle;
  readonly metric: MetricHandle;
  readonly rev: number;
  /** Units spent, as far as they are in the file. */
  used: number;
  /** Segment and time of the last statement. */
  segment: number;
  statedAt: number;
}

/** The leases of this process that the journal knows to be open, and how much of each is spent. */
export class OpenLeases {
  /** In the order of their last statements. */
  readonly #open = new Map<number, OpenLease>();
  #tick: OpenLease[] = [];
  #restated: OpenLease[] = [];

  get hasTick(): boolean {
    return this.#tick.length > 0;
  }

  add(number: number, owner: OwnerHandle, metric: MetricHandle, rev: number): void {
    this.#tick.push({ number, owner, metric, rev, used: 0, segment: 0, statedAt: 0 });
  }

  close(number: number): void {
    this.#open.delete(number);
  }

  encodeTick(tables: Tables, output: Output): void {
    for (const lease of this.#tick) encode(lease, tables, output);
  }

  dropTick(): void {
    this.#tick = [];
  }

  /** Writes levels again that were said long ago; call at the beginning of a segment. */
  encodeOld(now: number, tables: Tables, output: Output): void {
    for (const lease of this.#open.values()) {
      if (now - lease.statedAt < RESTATE_AFTER) return;
      encode(lease, tables, output);
      this.#restated.push(lease);
    }
  }

  /** The write in hand came to nothing. */
  unwritten(): void {
    this.#restated = [];
  }

  /** The levels written again are in this segment, and the tick's leases when `tick`. */
  written(segment: number, now: number, tick: boolean): void {
    for (const lease of this.#restated) this.#stated(lease, segment, now);
    this.#restated = [];
    if (!tick) return;
    for (const lease of this.#tick) this.#stated(lease, segment, now);
    this.#tick = [];
  }

  /** Segments before this one are not needed to know the levels; infinite when no lease is open. */
  get oldestStatement(): number {
    for (const lease of this.#open.values()) return lease.segment;
    return Number.POSITIVE_INFINITY;
  }

  #stated(lease: OpenLease, segment: number, now: number): void {
    lease.segment = segment;
    lease.statedAt = now;
    this.#open.delete(lease.number);
    this.#open.set(lease.number, lease);
  }

  /** Usage of leases that is in the file now. */
  spend(tally: Tally): void {
    if (this.#open.size === 0) return;
    for (let at = 0; at < tally.count; at++) {
      const number = tally.numbers[at] ?? 0;
      if (number === 0 || tally.types[at] !== ENTRY.use) continue;
      const lease = this.#open.get(number);
      if (lease !== undefined) lease.used += tally.uses[at] ?? 0;
    }
  }
}

function encode(lease: OpenLease, tables: Tables, output: Output): void {
  const owner = tables.localOwner(lease.owner, output);
  const metric = tables.localMetric(lease.metric, output);
  output.entry(SIZE.openLease);
  output.u8(ENTRY.openLease);
  output.u32(lease.number);
  output.u32(owner);
  output.u32(metric);
  output.u32(lease.rev);
  output.f64(lease.used);
}
