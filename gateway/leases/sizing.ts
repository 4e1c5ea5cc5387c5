import type { Lease } from './lease.ts';

/** Kept in hand even without demand while quota is ample, so that a rare request does not wait. */
const IN_HAND = 4;

/** What the sizes depend on besides the lease: milliseconds. */
export interface Pace {
  readonly leaseTime: number;
  /** Smoothed round trip to the backend, at most the time-out. */
  roundTrip: number;
}

/** Units that every gateway may keep idle: the fewer are left, the fewer. */
export function inHand(lease: Lease): number {
  if (lease.period === null) return IN_HAND;
  return Math.max(0, Math.min(IN_HAND, Math.floor(lease.room / (IN_HAND * lease.active))));
}

/** Units to ask for (R6): what is needed now, or what the demand spends in a lease time and two round trips. `rate`: units per second. */
export function unitsWanted(lease: Lease, rate: number, need: number, pace: Pace): number {
  const lasts = Math.ceil((1.2 * rate * (pace.leaseTime + 2 * pace.roundTrip)) / 1000);
  return lease.used + Math.max(need, lasts, inHand(lease));
}

/** Below this many unspent units more are asked for in the background. */
export function renewBelow(lease: Lease, rate: number, pace: Pace): number {
  const untilAnswered = (rate * (0.4 * pace.leaseTime + 1.5 * pace.roundTrip)) / 1000;
  return Math.max(untilAnswered, Math.min(IN_HAND - 1, inHand(lease)));
}

/** Unspent units that are kept when levels are looked at; the rest goes back. */
export function unitsKept(lease: Lease, rate: number, now: number, pace: Pace): number {
  if (lease.scarce) return Math.min(lease.unspent, Math.floor((0.15 * rate * pace.leaseTime) / 1000));
  const idle = now - lease.usedAt > pace.leaseTime;
  const lasts = Math.ceil(((idle ? 1 : 1.3) * rate * (pace.leaseTime + 2 * pace.roundTrip)) / 1000);
  return Math.min(lease.unspent, Math.max(lasts, inHand(lease)));
}

/** Milliseconds that a lease rests between two looks at its levels. */
export function restBetweenLevels(lease: Lease, pace: Pace): number {
  return (lease.scarce ? 0.15 : 0.8) * pace.leaseTime;
}
