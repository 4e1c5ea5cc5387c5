import type { Period } from '../../shared/period.ts';
import { encodeParts } from './encoding.ts';
import { fits } from './integers.ts';
import type { Addition, ApplicationRef, BatchEntry, BatchPart, Bound, DecideRequest, LeaseCommand } from './store.ts';
import { TOP_PERIODS } from './windows.ts';

/** Last time that can be counted: the end of 9998, so that every window that holds it ends within the contract's eternity. */
const MAX_TIME = Date.UTC(9999, 0, 1) - 1;
/** Sequences of one epoch that may be open at a time (protocol R11). */
export const MAX_OPEN_SEQUENCES = 1_024;
const MAX_ENTRIES = 100;
const MAX_METRICS = 256;
const MAX_CODES = 16;

export function checkDecide(request: DecideRequest): void {
  checkTime(request.at);
  atMost(MAX_METRICS, request.additions.length, 'additions');
  atMost(MAX_METRICS * 7, request.bounds.length + request.reads.length, 'bounds and reads');
  atMost(MAX_CODES, request.codes.length, 'codes');
  checkAmounts(request.bounds, mergedAdditions(request));
  checkName(request, '');
  for (const { metric } of request.additions) checkName(request, metric);
  for (const { metric } of request.bounds) checkName(request, metric);
  for (const { metric } of request.reads) checkName(request, metric);
  for (const code of request.codes) checkName(request, code);
}

/** Each metric once: additions in a row are one, and a set value makes those before it void. */
export function mergedAdditions({ additions }: DecideRequest): readonly Addition[] {
  if (additions.length < 2) return additions;
  const merged = new Map<string, Addition>();
  for (const addition of additions) {
    const before = addition.set ? undefined : merged.get(addition.metric);
    const amount = addition.amount + (before?.amount ?? 0n);
    merged.set(addition.metric, { ...addition, amount, set: addition.set || before?.set === true });
  }
  return [...merged.values()];
}

function checkAmounts(bounds: readonly Bound[], additions: readonly Addition[]): void {
  for (const bound of bounds) checkInteger(bound.max, 'max');
  for (const addition of additions) checkInteger(addition.amount, 'amount');
}

/** Checks the envelope of a part; entries are judged one by one, by `entryProblem`. */
export function checkPart(part: BatchPart, shards: number, shardOf: (entry: BatchEntry) => number): void {
  for (const [name, text, most] of [
    ['epoch', part.epoch, 64],
    ['digest', part.digest, 128],
  ] as const) {
    if (text.length === 0 || text.length > most) throw new RangeError(`${name} must have 1 to ${most} characters`);
  }
  for (const number of [part.sequence, part.slice, part.floor]) checkCount(number, 'sequence, slice and floor');
  if (!(part.shard >= 0 && part.shard < shards)) throw new RangeError(`there is no shard ${part.shard}`);
  if (part.sequence < part.floor)
    throw new RangeError(`sequence ${part.sequence} is below its own floor ${part.floor}`);
  if (part.sequence - part.floor >= MAX_OPEN_SEQUENCES) {
    throw new RangeError(`sequence ${part.sequence} is ${MAX_OPEN_SEQUENCES} or more above its floor ${part.floor}`);
  }
  atMost(MAX_ENTRIES, part.entries.length, 'entries in a slice');
  if (part.entries.some((entry) => shardOf(entry) !== part.shard))
    throw new RangeError('an entry belongs to another shard');
}

/** Why an entry cannot be applied; null when it can be tried. */
export function entryProblem(entry: BatchEntry): string | null {
  if (!Number.isSafeInteger(entry.at) || entry.at < 0 || entry.at > MAX_TIME) return 'its time is out of range';
  if (entry.additions.length > MAX_METRICS) return `it has more than ${MAX_METRICS} metrics`;
  if (entry.codes.length > MAX_CODES) return `it has more than ${MAX_CODES} codes`;
  for (const { metric } of entry.additions) if (!isStorable(entry, metric)) return NAMES_TOO_LONG;
  for (const { code } of entry.codes) if (!isStorable(entry, code)) return NAMES_TOO_LONG;
  for (const { use, take } of entry.additions) if (!fits(use) || !fits(take)) return TOO_LARGE;
  for (const { use } of entry.codes) if (!fits(use)) return TOO_LARGE;
  return null;
}

const NAMES_TOO_LONG = 'its names are too long';
const TOO_LARGE = 'an amount does not fit in 64 bits';

export function checkLease(command: LeaseCommand): void {
  checkTime(command.at);
  checkCount(command.number, 'the number of a lease');
  checkCount(command.rev, 'rev');
  if (command.epoch.length === 0 || command.epoch.length > 64)
    throw new RangeError('epoch must have 1 to 64 characters');
  if (!command.chain.includes(command.metric)) throw new RangeError('the chain of a lease begins with its metric');
  atMost(MAX_METRICS, command.chain.length, 'metrics in a chain');
  atMost(MAX_METRICS * 7, command.bounds.length, 'bounds');
  checkAmounts(command.bounds, []);
  checkNames(command, [...command.chain, ...command.bounds.map(({ metric }) => metric)]);
  for (const level of [command.used, command.held, command.want, command.need]) {
    checkInteger(level, 'a level');
    if (level < 0n) throw new RangeError('the levels of a lease begin at 0');
  }
  if (command.window !== null) checkTime(command.window.start);
}

export function checkTime(at: number): void {
  if (!Number.isSafeInteger(at) || at < 0 || at > MAX_TIME)
    throw new RangeError(`${at} is no time that can be counted`);
}

export function checkTop(period: Period): void {
  if (!TOP_PERIODS.some((kept) => kept === period))
    throw new RangeError(`no greatest applications are kept for a ${period}`);
}

export function checkInteger(value: bigint, name: string): void {
  if (!fits(value)) throw new RangeError(`${name} ${value} does not fit in 64 bits`);
}

function checkCount(value: number, name: string): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${name} must be a whole number from 0`);
}

function checkNames(owner: ApplicationRef, names: readonly string[]): void {
  checkName(owner, '');
  for (const name of names) checkName(owner, name);
}

function checkName(owner: ApplicationRef, name: string): void {
  if (!isStorable(owner, name)) throw new RangeError('the names of a counter are too long to be stored');
}

/** No character needs more than 6 bytes of JSON, so short names need no closer look. */
function isStorable({ service, application }: ApplicationRef, name: string): boolean {
  if ((service.length + application.length + name.length) * 6 < 1_800) return true;
  try {
    encodeParts([service, application, name]);
    return true;
  } catch {
    return false;
  }
}

function atMost(most: number, count: number, name: string): void {
  if (count > most) throw new RangeError(`${count} ${name}: at most ${most} are possible`);
}
