import { PERIODS, windowEnd } from '../../shared/period.ts';
import type { MessageCode } from '../../shared/wire/common.ts';
import type { LeaseMessage, LeaseReply, TightestLimit } from '../../shared/wire/leases.ts';
import type { LeaseReply as StoreReply } from '../store/store.ts';
import { notNegative, toWire } from './amounts.ts';
import { smallestPeriod } from './commands.ts';
import type { MetricLimits } from './contract.ts';

const NOTHING = {
  ceiling: 0,
  start: 0,
  end: 0,
  period: 'eternity',
  room: 0,
  active: 1,
  elsewhere: 0,
  tightest: null,
  retryAt: null,
  shrink: false,
  frozen: false,
  replan: false,
  version: 0,
} as const;

/** The answer to a message that did not reach the store, or of which it is not known. */
export function failedReply({ number, rev }: LeaseMessage, code: MessageCode): LeaseReply {
  return { ...NOTHING, number, rev, code };
}

export function replyOf(message: LeaseMessage, limits: MetricLimits, reply: StoreReply): LeaseReply {
  return {
    number: message.number,
    rev: reply.rev,
    code: 'ok',
    ceiling: notNegative(reply.ceiling),
    start: reply.start,
    end: reply.end,
    period: reply.period,
    room: toWire(reply.room),
    active: reply.active,
    elsewhere: notNegative(reply.elsewhere),
    tightest: tightestOf(limits, reply),
    retryAt: retryAt(message, limits, reply),
    shrink: reply.shrink,
    frozen: reply.frozen,
    replan: needsPlan(limits, reply),
    version: limits.version,
  };
}

/** No limit is left, or one has a smaller window than the lease, which the lease cannot keep (hole 14). */
function needsPlan(limits: MetricLimits, { period }: StoreReply): boolean {
  const smallest = smallestPeriod(limits);
  return smallest === null || PERIODS.indexOf(smallest) < PERIODS.indexOf(period);
}

function tightestOf({ bounds }: MetricLimits, { rooms, start }: StoreReply): TightestLimit | null {
  let tightest = -1;
  for (const [index, room] of rooms.entries()) {
    const least = rooms[tightest];
    if (least === undefined || room < least) tightest = index;
  }
  const bound = bounds[tightest];
  if (bound === undefined) return null;
  return { metric: bound.name, period: bound.period, max: notNegative(bound.max), end: windowEnd(bound.period, start) };
}

/** When the longest of the exceeded windows ends: only then can what was asked be granted. */
function retryAt(
  message: LeaseMessage,
  { bounds }: MetricLimits,
  { rooms, start, ceiling }: StoreReply,
): number | null {
  const needed = BigInt(message.used) + BigInt(Math.max(1, message.need)) - ceiling;
  let latest = -1;
  for (const [index, room] of rooms.entries()) {
    const bound = bounds[index];
    if (bound === undefined || room >= needed) continue;
    if (bound.period === 'eternity') return null;
    latest = Math.max(latest, windowEnd(bound.period, start));
  }
  return latest < 0 ? null : latest;
}
