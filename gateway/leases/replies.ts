import type { LeaseReply } from '../../shared/wire/leases.ts';
import type { Lease } from './lease.ts';
import type { AnswerTimes } from './messenger.ts';
import type { LeaseSettings } from './settings.ts';
import type { Refusal } from './slot.ts';

/** An answer that was decided under an older configuration than a heartbeat named is asked again after this long. */
const ASK_AGAIN_MS = 50;
/** A refusal while others hold units is remembered for a random time in this range: they say at once what they have. */
const RETRY_SOON_MS = { least: 30, most: 80 } as const;

/** Do others, leases or direct callers, draw on the room too? Told by units that went and this lease did not get. */
function isShared(lease: Lease, reply: LeaseReply): boolean {
  if (reply.active > 1 || reply.elsewhere > 0) return true;
  if (lease.period !== null) return lease.room - reply.room > reply.ceiling - lease.answeredCeiling;
  const { tightest, room, ceiling, period } = reply;
  // Of a longer window, other leases of this gateway may have taken.
  return tightest !== null && tightest.period === period && tightest.max - room > ceiling;
}

/** Takes over what a reply says about a lease that is not final. `required`: the version that heartbeats named for its application. */
export function applyReply(lease: Lease, reply: LeaseReply, times: AnswerTimes, required: number): void {
  if (isShared(lease, reply)) lease.slot.sharedAt = times.answeredAt;
  const started = times.answeredAt >= lease.start;
  const start = times.answeredAt + (reply.start - times.backendNow);
  lease.start = started ? Math.min(lease.start, start) : start;
  lease.end = times.sentAt + (reply.end - times.backendNow);
  lease.windowStart = reply.start;
  lease.windowEnd = reply.end;
  lease.period = reply.period;
  lease.ceiling = Math.max(lease.used, reply.ceiling);
  lease.room = reply.room;
  lease.roomAt = times.sentAt;
  lease.answeredCeiling = reply.ceiling;
  lease.active = reply.active;
  lease.elsewhere = reply.elsewhere;
  lease.tightest = reply.tightest;
  lease.version = Math.max(lease.version, reply.version);
  lease.upToDate = reply.version >= required;
  if (lease.upToDate) lease.confirmedAt = Math.max(lease.confirmedAt, times.sentAt);
  else lease.askAgainAt = times.answeredAt + ASK_AGAIN_MS;
}

/** What is remembered when `amount` units could not be had (R6). */
export function refusalOf(
  lease: Lease,
  reply: LeaseReply,
  amount: number,
  now: number,
  settings: LeaseSettings,
  random: () => number,
): Refusal {
  const elsewhere = reply.elsewhere > 0;
  let holds: number;
  if (elsewhere) holds = RETRY_SOON_MS.least + random() * (RETRY_SOON_MS.most - RETRY_SOON_MS.least);
  else if (reply.room > 0) holds = settings.leaseTime / 4;
  else holds = settings.confirmedFor;
  return { until: Math.min(now + holds, lease.end), amount, retryAt: reply.retryAt, elsewhere, lease };
}
