import { asJson, encodeParts, encodePrefix } from '../encoding.ts';
import type { Codec } from '../encoding.ts';
import type { ApplicationRef, LeaseRecord } from '../store.ts';
import { readNumber, startingWith } from './cells.ts';
import type { Cells, ReadableCells } from './cells.ts';
import { HOLDERS, holdersKey, readHoldings, writeHolding } from './holders.ts';
import { expiryOf, LEASES, parseRecord, publicRecord, recordKey, writeRecord } from './lease-records.ts';

const names: Codec<string[]> = asJson;

/** How long an application stays named as short of room, ms. */
const SHORT_KEPT = 2_000;
/** How long an epoch is remembered, ms: far beyond the 4 × lease time for which it counts as living. */
const LIVING_KEPT = 600_000;

const LIVING = 'v';
const SHORT = 's';

export function noteLiving(cells: Cells, epoch: string, at: number): void {
  const key = LIVING + encodeParts([epoch]);
  cells.set(key, String(Math.max(at, readNumber(cells, key))));
}

export function readLiving(cells: ReadableCells, at: number, milliseconds: number): string[] {
  const living: string[] = [];
  for (const [key, heard] of cells.range(LIVING, `${LIVING}~`)) {
    if (Number(heard) > at - milliseconds) living.push(...parts(key));
  }
  return living;
}

/** Notes that others need what `epoch` holds of the application. */
export function noteShort(cells: Cells, epoch: string, { service, application }: ApplicationRef, at: number): void {
  cells.set(SHORT + encodeParts([epoch, service, application]), String(at));
}

export function readShort(cells: ReadableCells, epoch: string, now: number): ApplicationRef[] {
  const found: ApplicationRef[] = [];
  for (const [key, at] of startingWith(cells, SHORT + encodePrefix([epoch]))) {
    const [, service = '', application = ''] = parts(key);
    if (Number(at) > now - SHORT_KEPT) found.push({ service, application });
  }
  return found;
}

/** Records in the order of their keys, after `after`. */
export function listLeases(
  cells: ReadableCells,
  after: string | null,
  limit: number,
  now: number,
): { readonly key: string; readonly record: LeaseRecord }[] {
  const found: { key: string; record: LeaseRecord }[] = [];
  for (const [key, text] of cells.range(after === null ? LEASES : `${after}\u0001`, `${LEASES}~`)) {
    if (found.length === limit) break;
    const record = parseRecord(text);
    if (record.expires > now) found.push({ key, record: publicRecord(record) });
  }
  return found;
}

/** Closes every open lease of the epoch where it stands: what it has not given back stays taken. */
export function releaseLeases(cells: Cells, epoch: string, now: number): number {
  let released = 0;
  for (const [, text] of startingWith(cells, LEASES + encodePrefix([epoch]))) {
    const record = parseRecord(text);
    if (record.final || record.expires <= now) continue;
    const closed = { ...record, final: true };
    writeRecord(cells, { ...closed, expires: expiryOf(closed, [], now) });
    writeHolding(cells, readHoldings(cells, record), closed, now);
    released += 1;
  }
  return released;
}

/** Deletes the leases of applications whose counters go. */
export function removeLeases(cells: Cells, service: string, application: string | null): void {
  for (const [key] of startingWith(cells, HOLDERS + encodePrefix([service]))) {
    const [, owner = ''] = parts(key);
    if (application !== null && owner !== application) continue;
    for (const { epoch, number } of readHoldings(cells, { service, application: owner }))
      cells.delete(recordKey(epoch, number));
    cells.delete(holdersKey({ service, application: owner }));
  }
}

export function sweepLeases(cells: Cells, now: number): void {
  for (const [key, text] of cells.range(LEASES, `${LEASES}~`)) if (parseRecord(text).expires <= now) cells.delete(key);
  for (const [key] of cells.range(HOLDERS, `${HOLDERS}~`)) {
    const [service = '', application = ''] = parts(key);
    if (readHoldings(cells, { service, application }).every(({ end }) => end < now)) cells.delete(key);
  }
}

/** For the cells that all shards share. */
export function sweepLiving(cells: Cells, now: number): void {
  for (const [key, heard] of cells.range(LIVING, `${LIVING}~`))
    if (Number(heard) < now - LIVING_KEPT) cells.delete(key);
  for (const [key, at] of cells.range(SHORT, `${SHORT}~`)) if (Number(at) < now - SHORT_KEPT) cells.delete(key);
}

function parts(key: string): string[] {
  const strings = names.read(key.slice(1));
  return strings;
}
