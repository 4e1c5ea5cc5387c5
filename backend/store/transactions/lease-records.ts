import { windowEnd } from '../../../shared/period.ts';
import type { Period } from '../../../shared/period.ts';
import { asJson, encodeParts } from '../encoding.ts';
import type { Codec } from '../encoding.ts';
import type { ApplicationRef, Bound, LeaseCommand, LeaseRecord } from '../store.ts';
import { leaseSpan } from '../windows.ts';
import type { Cells, ReadableCells } from './cells.ts';

const records: Codec<Omit<StoredLease, 'ceiling' | 'told'> & { ceiling: string; told: string }> = asJson;

/** A record outlives the windows it counts in by this, ms, so that a late close finds it. */
const GRACE = 3_600_000;
const LONGEST = 30 * 86_400_000;
/** A closed lease is remembered for repeats, ms. */
export const FINAL_KEPT = 600_000;

export const LEASES = 'l';

export interface StoredLease extends ApplicationRef {
  readonly epoch: string;
  readonly number: number;
  readonly metric: string;
  /** The metrics that it took from: fixed when it was opened, whatever the hierarchy is today. */
  readonly chain: readonly string[];
  readonly period: Period;
  readonly start: number;
  readonly end: number;
  readonly ceiling: bigint;
  /** What the gateway last said it had used. */
  readonly told: bigint;
  /** -1 before the first message. */
  readonly rev: number;
  readonly final: boolean;
  readonly expires: number;
}

/** The record of a lease that has none yet: its window is fixed here. */
export function openRecord(command: LeaseCommand): StoredLease {
  const period = command.window?.period ?? command.period;
  const asked = leaseSpan(period, command.window?.start ?? command.at);
  const { start, end } = command.next && command.window === null ? leaseSpan(period, asked.end) : asked;
  const { service, application, epoch, number, metric, chain } = command;
  const fresh = { ceiling: 0n, told: 0n, rev: -1, final: false, expires: 0 };
  return { service, application, epoch, number, metric, chain, period, start, end, ...fresh };
}

/** When the last limited window that the record counts in ends. */
export function limitedUntil(record: StoredLease, bounds: readonly Bound[]): number {
  return Math.max(record.end, ...bounds.map(({ period }) => windowEnd(period, record.start)));
}

export function expiryOf(record: StoredLease, bounds: readonly Bound[], at: number): number {
  if (record.final) return at + FINAL_KEPT;
  return Math.min(limitedUntil(record, bounds), at + LONGEST) + GRACE;
}

export function readRecord(cells: ReadableCells, { epoch, number, at }: LeaseCommand): StoredLease | null {
  const text = cells.get(recordKey(epoch, number));
  if (text === undefined) return null;
  const record = parseRecord(text);
  return record.expires > at ? record : null;
}

export function writeRecord(cells: Cells, record: StoredLease): void {
  const { ceiling, told, ...rest } = record;
  const text = JSON.stringify({ ...rest, ceiling: ceiling.toString(), told: told.toString() });
  cells.set(recordKey(record.epoch, record.number), text);
}

export function parseRecord(text: string): StoredLease {
  const stored = records.read(text);
  return { ...stored, ceiling: BigInt(stored.ceiling), told: BigInt(stored.told) };
}

export function recordKey(epoch: string, number: number): string {
  return LEASES + encodeParts([epoch, number]);
}

export function publicRecord(record: StoredLease): LeaseRecord {
  const { service, application, epoch, number, metric, start, end, ceiling, told, rev, final } = record;
  return { service, application, epoch, number, metric, start, end, ceiling, used: told, rev, final };
}
