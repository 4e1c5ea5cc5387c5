import type { Lease } from './lease.ts';

/** Who else was seen to draw on the limits is reckoned with for this many lease times. */
const SHARED_FOR = 60;
/** The share falls in so many steps, so that one answer serves many requests. */
const STEPS = 8;

/**
 * Units that can still be promised (protocol R19): those held here, and half of this gateway's share of the room. What
 * others draw on goes while nobody tells, so its share falls to nothing within a lease time after it was told. `now`:
 * monotonic, ms.
 */
export function unitsRemaining(lease: Lease, now: number, leaseTime: number): number {
  const share = Math.max(0, lease.room) / (2 * lease.active);
  return lease.unspent + Math.floor(share * freshness(lease, now, leaseTime));
}

/** 1 to 0. */
function freshness({ slot, roomAt }: Lease, now: number, leaseTime: number): number {
  if (now - slot.sharedAt > SHARED_FOR * leaseTime) return 1;
  return Math.max(0, STEPS - Math.floor((STEPS * (now - roomAt)) / leaseTime)) / STEPS;
}
