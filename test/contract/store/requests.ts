import type {
  Accounts,
  ApplicationRef,
  BatchEntry,
  BatchPart,
  Bound,
  Counters,
  DecideReply,
  DecideRequest,
  LeaseCommand,
} from '../../../backend/store/store.ts';
import { PERIODS } from '../../../shared/period.ts';
import type { Period } from '../../../shared/period.ts';

/** A Thursday in the middle of a minute, hour, day, week, month and year. */
export const NOON = Date.UTC(2024, 4, 16, 12, 30, 30);
export const APPLICATION: ApplicationRef = { service: 'shop', application: 'app' };

export function bound(max: bigint, period: Period = 'minute', metric = 'hits'): Bound {
  return { metric, period, max };
}

export function request(changes: Partial<DecideRequest> = {}): DecideRequest {
  return {
    ...APPLICATION,
    at: NOON,
    bounds: [],
    additions: [{ metric: 'hits', amount: 1n, set: false }],
    reads: [],
    codes: [],
    count: true,
    ...changes,
  };
}

/** Sets `hits` of the application to `amount` in every counter. */
export async function setHits(counters: Counters, amount: bigint): Promise<DecideReply> {
  return counters.decide(request({ additions: [{ metric: 'hits', amount, set: true }] }));
}

export function entry(use: bigint, take: bigint = use, changes: Partial<BatchEntry> = {}): BatchEntry {
  return { ...APPLICATION, at: NOON, additions: [{ metric: 'hits', use, take, set: false }], codes: [], ...changes };
}

export function part(
  counters: Counters,
  sequence: number,
  entries: readonly BatchEntry[],
  changes: Partial<BatchPart> = {},
): BatchPart {
  return {
    epoch: 'e'.repeat(32),
    sequence,
    slice: 0,
    digest: `digest of ${sequence}`,
    floor: 1,
    shard: counters.shardOf(entries[0] ?? APPLICATION),
    entries,
    ...changes,
  };
}

export function lease(changes: Partial<LeaseCommand> = {}): LeaseCommand {
  const epoch = changes.epoch ?? 'a'.repeat(32);
  return {
    ...APPLICATION,
    epoch,
    number: 1,
    metric: 'hits',
    rev: 1,
    used: 0n,
    held: 0n,
    want: 10n,
    need: 1n,
    next: false,
    final: false,
    at: NOON,
    chain: ['hits'],
    bounds: [bound(100n)],
    period: 'minute',
    window: null,
    living: [epoch],
    ...changes,
  };
}

/** [used, taken] of a metric in each of the seven periods. */
export async function both(
  counters: Counters,
  metric = 'hits',
  at = NOON,
): Promise<readonly (readonly [bigint, bigint])[]> {
  const accounts = await counters.accounts(APPLICATION, at);
  return PERIODS.map((period) => {
    const found = accounts.find((account: Accounts) => account.period === period && account.metric === metric);
    return [found?.used ?? 0n, found?.taken ?? 0n] as const;
  });
}

export function seven<T>(value: T): T[] {
  return PERIODS.map(() => value);
}
