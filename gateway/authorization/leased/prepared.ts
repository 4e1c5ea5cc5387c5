import type { BackendTime } from '../../leases/backend-time.ts';
import type { Lease } from '../../leases/lease.ts';
import type { SharedOwner } from '../../leases/shared-owner.ts';
import type { Slot } from '../../leases/slot.ts';
import type { MetricHandle } from '../../journal/contract.ts';
import type { Usage } from '../../rules/usage.ts';
import type { Decision } from '../decision.ts';

const MINUTE = 60_000;

/** One metric of a usage, for one caller. */
export interface PreparedEntry {
  /** Null: no limit, no lease. */
  readonly slot: Slot | null;
  readonly metric: MetricHandle;
  readonly amount: number;
  readonly onSuccess: boolean;
}

/** One usage of one caller, resolved once: what a request of that kind is decided and counted with. */
export class Prepared {
  readonly owner: SharedOwner;
  readonly usage: Usage;
  readonly entries: readonly PreparedEntry[];
  /** Refused whatever is left: a limit of 0, or a metric that does not exist. */
  readonly refused: Decision | null;
  stamp: Stamp | null = null;

  constructor(owner: SharedOwner, usage: Usage, entries: readonly PreparedEntry[], refused: Decision | null) {
    this.owner = owner;
    this.usage = usage;
    this.entries = entries;
    this.refused = refused;
  }
}

/**
 * How requests of one kind are counted within one minute and out of the same leases: shared by all of them, so that a
 * request leaves nothing of its own behind.
 */
export class Stamp {
  readonly prepared: Prepared;
  /** Per entry: the lease that it is paid from; null: counted against the limits when it is applied. */
  readonly leases: readonly (Lease | null)[];
  /** Per entry: the moment that dates it, by the backend's clock. */
  readonly at: readonly number[];
  /** Monotonic time from which another one is needed. */
  readonly until: number;
  /** The last answer that was given under it. */
  decision: Decision | null = null;
  /** It holds for so many units left, and up to the second number of them. */
  shownFrom = -1;
  shownBelow = -1;
  shownSeconds: number | null = -1;

  constructor(prepared: Prepared, leases: readonly (Lease | null)[], time: BackendTime, now: number) {
    const present = time.at(now);
    this.prepared = prepared;
    this.leases = leases;
    this.at = leases.map((lease) => (lease === null ? present : within(present, lease)));
    const minutesEnd = Math.min(...this.at.map((at) => at - (at % MINUTE) + MINUTE), Infinity);
    this.until = now + Math.max(1, Math.min(minutesEnd - present, MINUTE));
  }
}

/** A lease's usage is dated in its window, however far off the clocks are (protocol R4). */
function within(at: number, lease: Lease): number {
  return Math.min(Math.max(at, lease.windowStart), lease.windowEnd - 1);
}
