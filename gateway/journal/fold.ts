import type { UsageOwner } from './contract.ts';
import { EntryDecoder, type EntryVisitor } from './entries.ts';
import { FRAME, MINUTE_MS, type SegmentHeader } from './format.ts';
import { FrameReader, readHeader, type Damage } from './reader.ts';

export interface FoldedUsage {
  readonly owner: UsageOwner;
  readonly metric: string;
  /** Start of the minute, ms since the epoch. */
  readonly minute: number;
  readonly use: number;
  readonly take: number;
}

export interface FoldedCode {
  readonly owner: UsageOwner;
  readonly minute: number;
  readonly status: number;
  readonly count: number;
}

/** A segment as a batch. The same bytes always give the same fold, in the same order. */
export interface Fold {
  /** Null when the first frame was damaged: then nobody knows which batch this is. */
  readonly header: SegmentHeader | null;
  readonly usage: readonly FoldedUsage[];
  readonly codes: readonly FoldedCode[];
  /** Usage of which nobody knows whether it was counted. */
  readonly uncertain: readonly FoldedUsage[];
  readonly damage: Damage & {
    /** Entries whose owner or metric is not known any more. */
    readonly nameless: number;
    readonly foreign: number;
  };
}

/** Bytes folded between two pauses of `foldGently`: about a quarter of a millisecond. */
const BYTES_AT_ONCE = 32 * 1024;

/** Folds a segment; what is damaged is left out and counted. */
export function foldSegment(bytes: Buffer): Fold {
  const folder = new Folder(bytes);
  while (folder.step(Number.POSITIVE_INFINITY));
  return folder.finish();
}

/** The same, leaving the event loop free in between. */
export async function foldGently(bytes: Buffer): Promise<Fold> {
  const folder = new Folder(bytes);
  while (folder.step(BYTES_AT_ONCE)) await new Promise<void>((resolve) => setImmediate(resolve));
  return folder.finish();
}

class Folder {
  readonly #reader: FrameReader;
  readonly #decoder = new EntryDecoder();
  readonly #sums = new Sums();
  #header: SegmentHeader | null = null;

  constructor(bytes: Buffer) {
    this.#reader = new FrameReader(bytes);
  }

  /** Takes frames until they have `bytes` together. False: there are no more. */
  step(bytes: number): boolean {
    const end = this.#reader.goodEnd + bytes;
    while (this.#reader.goodEnd < end) {
      const frame = this.#reader.next();
      if (frame === null) return false;
      if (frame.kind === FRAME.header) this.#header ??= readHeader(frame);
      else if (frame.kind === FRAME.entries) this.#decoder.decode(frame.payload, this.#sums);
    }
    return true;
  }

  finish(): Fold {
    const { nameless, foreign } = this.#decoder;
    return { header: this.#header, ...this.#sums.finish(), damage: { ...this.#reader.damage, nameless, foreign } };
  }
}

interface Sum {
  use: number;
  take: number;
}

/** Owner → metric (or status) → minute → sum. Owners are objects of one segment, so identity will do. */
class Sums implements EntryVisitor {
  readonly #usage: SumTable<string> = new Map();
  readonly #uncertain: SumTable<string> = new Map();
  readonly #codes: SumTable<number> = new Map();

  use(owner: UsageOwner, metric: string, minute: number, use: number, take: number): void {
    add(this.#usage, owner, metric, minute, use, take);
  }

  aside(owner: UsageOwner, metric: string, minute: number, use: number): void {
    add(this.#uncertain, owner, metric, minute, use, use);
  }

  code(owner: UsageOwner, minute: number, status: number, count: number): void {
    add(this.#codes, owner, status, minute, count, 0);
  }

  // Leases and held usage are no part of a batch: an adopter looks after them.
  openLease(): void {}
  closeLease(): void {}
  hold(): void {}
  sending(): void {}
  resolve(): void {}

  finish(): Pick<Fold, 'usage' | 'codes' | 'uncertain'> {
    const codes = flatten(this.#codes).map(({ owner, key, minute, sum }) => ({
      owner,
      minute,
      status: key,
      count: sum.use,
    }));
    return { usage: usageOf(this.#usage), codes: codes.toSorted(byCode), uncertain: usageOf(this.#uncertain) };
  }
}

type SumTable<K> = Map<UsageOwner, OwnerSums<K>>;

/** The sums of one owner. Entries of a segment repeat the same few: the last one is at hand. */
class OwnerSums<K> {
  readonly byKey = new Map<K, Map<number, Sum>>();
  #key: K;
  #minute: number;
  #last: Sum;

  constructor(key: K, minute: number) {
    this.#key = key;
    this.#minute = minute;
    this.#last = this.#find(key, minute);
  }

  of(key: K, minute: number): Sum {
    if (key === this.#key && minute === this.#minute) return this.#last;
    this.#key = key;
    this.#minute = minute;
    this.#last = this.#find(key, minute);
    return this.#last;
  }

  #find(key: K, minute: number): Sum {
    let byMinute = this.byKey.get(key);
    if (byMinute === undefined) this.byKey.set(key, (byMinute = new Map<number, Sum>()));
    let sum = byMinute.get(minute);
    if (sum === undefined) byMinute.set(minute, (sum = { use: 0, take: 0 }));
    return sum;
  }
}

function add<K>(table: SumTable<K>, owner: UsageOwner, key: K, minute: number, use: number, take: number): void {
  let sums = table.get(owner);
  if (sums === undefined) table.set(owner, (sums = new OwnerSums(key, minute)));
  const sum = sums.of(key, minute);
  sum.use += use;
  sum.take += take;
}

function flatten<K>(table: SumTable<K>): { owner: UsageOwner; key: K; minute: number; sum: Sum }[] {
  const rows = [];
  for (const [owner, { byKey }] of table) {
    for (const [key, byMinute] of byKey) {
      for (const [minute, sum] of byMinute) rows.push({ owner, key, minute: minute * MINUTE_MS, sum });
    }
  }
  return rows;
}

function usageOf(table: SumTable<string>): FoldedUsage[] {
  const rows = flatten(table).filter(({ sum }) => sum.use !== 0 || sum.take !== 0);
  return rows
    .map(({ owner, key, minute, sum }) => ({ owner, metric: key, minute, use: sum.use, take: sum.take }))
    .toSorted(byUsage);
}

function byUsage(a: FoldedUsage, b: FoldedUsage): number {
  return byOwner(a.owner, b.owner) || a.minute - b.minute || compare(a.metric, b.metric);
}

function byCode(a: FoldedCode, b: FoldedCode): number {
  return byOwner(a.owner, b.owner) || a.minute - b.minute || a.status - b.status;
}

function byOwner(a: UsageOwner, b: UsageOwner): number {
  return (
    compare(a.service, b.service) ||
    compare(a.kind, b.kind) ||
    compare(a.id, b.id) ||
    Number(a.known === false) - Number(b.known === false)
  );
}

/** By UTF-16 code units: the same on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
