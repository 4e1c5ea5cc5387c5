import { PERIODS, periodsFrom } from '../../../shared/period.ts';
import { MAX_INTEGER, smallest } from '../integers.ts';
import type { LeaseCommand, LeaseReply } from '../store.ts';
import type { Cells } from './cells.ts';
import { Ledger } from './counter-cells.ts';
import { isFrozen } from './fence.ts';
import type { Fence } from './fence.ts';
import { readHoldings, rivalsOf, writeHolding } from './holders.ts';
import type { Holding } from './holders.ts';
import { expiryOf, limitedUntil, openRecord, readRecord, writeRecord } from './lease-records.ts';
import type { StoredLease } from './lease-records.ts';

/** What one message leads to; `short` names the epochs whose unspent units it lacks. */
export interface LeaseOutcome {
  readonly reply: LeaseReply;
  readonly short: readonly string[];
}

/** One lease message (protocol R5). Throws a RangeError, before any write, when a counter would leave 64 bits. Twin: scripts/lease.lua. */
export function runLease(cells: Cells, command: LeaseCommand, fence: Fence): LeaseOutcome {
  const frozen = isFrozen(cells, fence, command.at);
  const before = readRecord(cells, command) ?? openRecord(command);
  const ledger = new Ledger(cells, command.service, command.application, before.start);
  const holdings = readHoldings(cells, command);
  const rivals = rivalsOf(holdings, before, command.living);
  const record = command.rev <= before.rev ? before : follow(before, command, ledger, frozen, rivals.length + 1);
  if (ledger.overflows) throw new RangeError('a counter of the lease would leave 64 bits');
  ledger.commit();
  // Written for a known revision too, so that what makes an answer durable covers it.
  const touched = { ...record, expires: expiryOf(record, command.bounds, command.at) };
  writeRecord(cells, touched);
  writeHolding(cells, holdings, touched, command.at);
  return answer(touched, command, ledger, frozen, rivals);
}

/** The record after a new revision; what it takes or returns is moved in the ledger. */
function follow(
  before: StoredLease,
  command: LeaseCommand,
  ledger: Ledger,
  frozen: boolean,
  active: number,
): StoredLease {
  const after = { ...before, rev: command.rev, told: command.used, final: before.final || command.final };
  if (before.rev === -1 && limitedUntil(before, command.bounds) <= command.at) {
    // Every limit that it could touch is over: nothing is created in windows that have ended.
    return { ...after, told: 0n, final: true };
  }
  let { ceiling } = before;
  if (command.held > ceiling) {
    // The store forgot what it gave. The units may be spent, so no bound is asked.
    take(ledger, before, command.held - ceiling);
    ceiling = command.held;
  }
  if (command.want <= ceiling) {
    take(ledger, before, command.want - ceiling);
    return { ...after, ceiling: command.want };
  }
  if (frozen || after.final || !canGrow(before, command)) return { ...after, ceiling };
  const given = give(ceiling, command, least(roomsOf(command, ledger)), active);
  take(ledger, before, given);
  return { ...after, ceiling: ceiling + given };
}

/** Not after its window, nor under a limit of a smaller period, which its window cannot keep. */
function canGrow(record: StoredLease, { at, bounds }: LeaseCommand): boolean {
  return at < record.end && bounds.every(({ period }) => PERIODS.indexOf(period) >= PERIODS.indexOf(record.period));
}

function give(ceiling: bigint, { want, need, used }: LeaseCommand, room: bigint, active: number): bigint {
  if (room <= 0n) return 0n;
  const missing = used + need > ceiling ? used + need - ceiling : 0n;
  const share = room / BigInt(2 * active);
  const given = smallest([want - ceiling, missing > share ? missing : share, room]);
  return given < missing ? 0n : given;
}

function take(ledger: Ledger, record: StoredLease, amount: bigint): void {
  if (amount === 0n) return;
  for (const metric of record.chain) {
    for (const period of periodsFrom(record.period)) ledger.take(metric, period, amount);
  }
}

function roomsOf({ bounds }: LeaseCommand, ledger: Ledger): readonly bigint[] {
  return bounds.map(({ metric, period, max }) => max - ledger.reckoned(metric, period));
}

/** Without a bound there is no end of room. */
function least(rooms: readonly bigint[]): bigint {
  return smallest([MAX_INTEGER, ...rooms]);
}

function answer(
  record: StoredLease,
  command: LeaseCommand,
  ledger: Ledger,
  frozen: boolean,
  rivals: readonly Holding[],
): LeaseOutcome {
  const { rev, ceiling, period, start, end, final } = record;
  const rooms = roomsOf(command, ledger);
  const room = least(rooms);
  const active = Math.max(1, rivals.length + (final || !command.living.includes(record.epoch) ? 0 : 1));
  const elsewhere = rivals.reduce((sum, rival) => sum + rival.unspent, 0n);
  const isShort = !final && elsewhere > 0n && (room < BigInt(4 * active) || ceiling < command.want);
  const short = isShort ? rivals.filter((rival) => rival.unspent > 0n).map((rival) => rival.epoch) : [];
  const reply = { rev, ceiling, period, start, end, room, rooms, active, elsewhere, frozen, final, shrink: room < 0n };
  return { reply, short: [...new Set(short)] };
}
