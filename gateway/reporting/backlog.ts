import type { SealedSegment } from '../journal/segment.ts';

/** Whose segments they are: told what became of them. */
export interface SegmentSource {
  /** The backend has counted it. */
  delivered(sequence: number): void;
  /** The backend will not take it as things stand: what comes later need not wait for it. */
  parked(sequence: number): void;
  /** Nobody needs the file any more. */
  release(sequence: number): void;
}

/** A segment on its way to the backend. */
export interface Item {
  readonly segment: SealedSegment;
  readonly source: SegmentSource;
  /** Read from disk, not written by a living process: it can wait for a free thread. */
  readonly adopted: boolean;
  state: 'waiting' | 'sending' | 'applied';
  /** Monotonic ms before which it is not tried (again). */
  notBefore: number;
  /** Why it was refused last: said once. */
  refusal: string | null;
  /** Once applied: when that was answered (monotonic ms), and by which store. */
  appliedAt: number;
  store: string | null;
}

/** All segments that are not done with, oldest first within an epoch. */
export class Backlog {
  readonly #epochs = new Map<string, Map<number, Item>>();

  /** Segments that the backend has not counted. */
  get undelivered(): number {
    let undelivered = 0;
    for (const { state } of this.items()) if (state !== 'applied') undelivered += 1;
    return undelivered;
  }

  /** Units in them. */
  get units(): number {
    let units = 0;
    for (const { state, segment } of this.items()) if (state !== 'applied') units += segment.units;
    return units;
  }

  /** Segments that were counted and are kept in case the store forgets. */
  get kept(): number {
    let kept = 0;
    for (const { state } of this.items()) if (state === 'applied') kept += 1;
    return kept;
  }

  /** These, the oldest first. */
  oldestKept(): readonly Item[] {
    const kept = [...this.items()].filter(({ state }) => state === 'applied');
    return kept.toSorted((one, other) => one.appliedAt - other.appliedAt);
  }

  add(segment: SealedSegment, source: SegmentSource, adopted: boolean): Item | null {
    let epoch = this.#epochs.get(segment.epoch);
    if (epoch === undefined) this.#epochs.set(segment.epoch, (epoch = new Map<number, Item>()));
    if (epoch.has(segment.sequence)) return null;
    const item: Item = {
      segment,
      source,
      adopted,
      state: 'waiting',
      notBefore: 0,
      refusal: null,
      appliedAt: 0,
      store: null,
    };
    epoch.set(segment.sequence, item);
    return item;
  }

  applied(item: Item, now: number, store: string | null): void {
    item.state = 'applied';
    item.appliedAt = now;
    item.store = store;
  }

  /** It has to be sent again. */
  again(item: Item): void {
    item.state = 'waiting';
    item.notBefore = 0;
  }

  remove(item: Item): void {
    const epoch = this.#epochs.get(item.segment.epoch);
    epoch?.delete(item.segment.sequence);
    if (epoch?.size === 0) this.#epochs.delete(item.segment.epoch);
  }

  /** Lowest sequence of the epoch that may still come. */
  floor(epoch: string): number {
    let lowest = Number.POSITIVE_INFINITY;
    for (const sequence of this.#epochs.get(epoch)?.keys() ?? []) lowest = Math.min(lowest, sequence);
    return lowest;
  }

  *items(): Generator<Item> {
    for (const epoch of this.#epochs.values()) yield* epoch.values();
  }

  /** Does anything of this epoch still have to be kept? */
  has(epoch: string): boolean {
    return this.#epochs.has(epoch);
  }

  /** Earliest minute of usage that is not counted yet, ms; null: none. */
  get oldest(): number | null {
    let oldest: number | null = null;
    for (const { state, segment } of this.items()) {
      if (state === 'applied' || segment.firstMinute === null) continue;
      if (oldest === null || segment.firstMinute < oldest) oldest = segment.firstMinute;
    }
    return oldest;
  }
}
