import type { AppliedPart, BatchEntry, BatchPart, Counters } from '../store/store.ts';

/** Entries of one part, so that its script stays short (protocol R11). */
export const SLICE = 100;
/** Parts handed to the store at once. */
const PARTS_AT_ONCE = 64;

/** Names a batch's content for ever (protocol R10, R11). */
export interface BatchIdentity {
  /** Random 128 bits in hex: the producer. */
  readonly epoch: string;
  readonly sequence: number;
  /** Lowest sequence of the epoch that may still come. */
  readonly floor: number;
  /** Digest of the content. */
  readonly digest: string;
}

/** An entry with its place: which slice of its shard it is in must not depend on what became of other entries. */
export interface PlacedEntry {
  readonly entry: BatchEntry;
  readonly shard: number;
  readonly slice: number;
}

/** A part, and for each of its entries where it stood in the list that the parts were made from. */
export interface PlacedPart {
  readonly part: BatchPart;
  readonly origins: readonly number[];
}

/** Places entries in slices by their order within their shard. */
export function placeInOrder(entries: readonly BatchEntry[], counters: Counters): PlacedEntry[] {
  const counts = new Map<number, number>();
  return entries.map((entry) => {
    const shard = counters.shardOf(entry);
    const count = counts.get(shard) ?? 0;
    counts.set(shard, count + 1);
    return { entry, shard, slice: Math.floor(count / SLICE) };
  });
}

/** The parts of a batch: one for each shard and slice that has entries. */
export function partsOf(identity: BatchIdentity, entries: readonly PlacedEntry[]): PlacedPart[] {
  const shards = new Map<number, Map<number, { readonly entries: BatchEntry[]; readonly origins: number[] }>>();
  entries.forEach(({ entry, shard, slice }, index) => {
    const slices = getOrSet(shards, shard, () => new Map<number, { entries: BatchEntry[]; origins: number[] }>());
    const content = getOrSet(slices, slice, () => ({ entries: [], origins: [] }));
    content.entries.push(entry);
    content.origins.push(index);
  });
  return [...shards].flatMap(([shard, slices]) =>
    [...slices].map(([slice, content]) => ({
      part: { ...identity, shard, slice, entries: content.entries },
      origins: content.origins,
    })),
  );
}

export interface AppliedBatch {
  readonly result: AppliedPart['result'];
  /** Entries that the store could not count, by their place in the list that the parts were made from. */
  readonly setAside: readonly { readonly origin: number; readonly reason: string }[];
}

/**
 * Applies all parts; durable when it returns. `repeat` when every part was applied before. Throws StoreUnavailable
 * when not all is known to be applied: the same parts may then be applied again.
 */
export async function applyParts(counters: Counters, parts: readonly PlacedPart[]): Promise<AppliedBatch> {
  const setAside: { origin: number; reason: string }[] = [];
  const results = new Set<AppliedPart['result']>();
  for (let first = 0; first < parts.length; first += PARTS_AT_ONCE) {
    const chunk = parts.slice(first, first + PARTS_AT_ONCE);
    const applied = await counters.apply(chunk.map(({ part }) => part));
    applied.forEach((outcome, index) => {
      results.add(outcome.result);
      for (const { index: entry, reason } of outcome.setAside) {
        setAside.push({ origin: chunk[index]?.origins[entry] ?? 0, reason });
      }
    });
  }
  const result = results.has('conflict') ? 'conflict' : results.has('applied') ? 'applied' : 'repeat';
  return { result, setAside };
}

function getOrSet<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
