import { asJson, encodeParts } from '../encoding.ts';
import type { Codec } from '../encoding.ts';
import type { ApplicationRef } from '../store.ts';
import type { Cells, ReadableCells } from './cells.ts';
import type { StoredLease } from './lease-records.ts';

const holders: Codec<StoredHolding[]> = asJson;

/** Holders of ended windows are dropped this long after, ms. */
const ENDED_KEPT = 1_000;
export const HOLDERS = 'h';

/** What one open lease of an application holds, as last told. */
export interface Holding {
  readonly epoch: string;
  readonly number: number;
  readonly chain: readonly string[];
  readonly start: number;
  readonly end: number;
  readonly unspent: bigint;
}

type StoredHolding = Omit<Holding, 'unspent'> & { readonly unspent: string };

export function readHoldings(cells: ReadableCells, application: ApplicationRef): Holding[] {
  const stored = holders.read(cells.get(holdersKey(application)) ?? '[]');
  return stored.map((holding) => ({ ...holding, unspent: BigInt(holding.unspent) }));
}

/** Holdings of other leases, of living epochs, that share a metric and a moment with this one. */
export function rivalsOf(holdings: readonly Holding[], record: StoredLease, living: readonly string[]): Holding[] {
  const alive = new Set(living);
  return holdings.filter(
    (other) =>
      (other.epoch !== record.epoch || other.number !== record.number) &&
      alive.has(other.epoch) &&
      other.start < record.end &&
      other.end > record.start &&
      other.chain.some((metric) => record.chain.includes(metric)),
  );
}

/** Notes what the lease holds now, or that it holds nothing more. */
export function writeHolding(cells: Cells, holdings: readonly Holding[], record: StoredLease, at: number): void {
  const { epoch, number, chain, start, end } = record;
  const others = holdings.filter(
    (other) => (other.epoch !== epoch || other.number !== number) && other.end >= at - ENDED_KEPT,
  );
  const unspent = record.ceiling > record.told ? record.ceiling - record.told : 0n;
  const own = record.final ? [] : [{ epoch, number, chain, start, end, unspent }];
  const stored = [...others, ...own].map((holding) => ({ ...holding, unspent: holding.unspent.toString() }));
  if (stored.length === 0) cells.delete(holdersKey(record));
  else cells.set(holdersKey(record), JSON.stringify(stored));
}

export function holdersKey({ service, application }: ApplicationRef): string {
  return HOLDERS + encodeParts([service, application]);
}
