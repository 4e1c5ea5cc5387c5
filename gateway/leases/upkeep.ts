import type { ClosedLeases } from './closed-leases.ts';
import { Lease } from './lease.ts';
import type { Levels } from './levels.ts';
import type { LeaseSettings } from './settings.ts';
import { restBetweenLevels, unitsKept } from './sizing.ts';
import type { Pace } from './sizing.ts';
import type { Slot } from './slot.ts';

/** The next window is asked for in the last fifth of the current one, so that windows that end together are not renewed together (R16). */
const NEXT_WINDOW_SHARE = 0.2;
/** Of that span, the first part in which the question is asked: the rest is for the answer. */
const NEXT_WINDOW_SPREAD = 0.6;
/** With nothing left to grant, more is asked for at most this often. */
const ASK_WHEN_EMPTY_MS = 100;

export interface UpkeepDeps {
  readonly settings: LeaseSettings;
  readonly levels: Levels;
  readonly pace: Pace;
  readonly random: () => number;
  readonly closed: ClosedLeases<Lease>;
  /** A number that no lease of this epoch had. */
  readonly nextNumber: () => number;
}

/** Looks after one slot: windows that ended, demand, levels, idle leases, the next window. */
export class Upkeep {
  readonly #deps: UpkeepDeps;

  constructor(deps: UpkeepDeps) {
    this.#deps = deps;
  }

  visit(slot: Slot, now: number): void {
    const { settings, levels } = this.#deps;
    slot.demand.update(now, settings.leaseTime / 2);
    this.rotate(slot, now);
    if (slot.refusal !== null && now >= slot.refusal.until) slot.refusal = null;
    const lease = slot.current;
    if (lease === null) return;
    if (lease.inFlight === null && slot.waiters.length === 0 && now - lease.usedAt > settings.idleTime) {
      this.close(lease, now);
      slot.current = null;
      slot.demand.forget();
      return;
    }
    if (lease.inFlight === null) this.#level(lease, now);
    if (lease.inFlight === null) levels.watch(lease);
    if (now >= slot.nextAskAt) this.#askNext(slot, lease, now);
  }

  /** Closes the lease of a window that ended, and begins with the next one when its window has begun. */
  rotate(slot: Slot, now: number): void {
    const { current } = slot;
    if (current !== null && current.period !== null && now >= current.end) {
      this.close(current, now);
      slot.current = null;
    }
    const { next } = slot;
    if (next === null || next.period === null) return;
    if (now >= next.end || isDoubled(slot.current, next)) {
      this.close(next, now);
      slot.next = null;
    } else if (slot.current === null && now >= next.start) {
      slot.current = next;
      slot.next = null;
      this.planNext(slot, next);
    }
  }

  /** The lease of the present window, made if there is none; null while the next window's is about to begin. */
  present(slot: Slot, now: number): Lease | null {
    this.rotate(slot, now);
    if (slot.current === null && (slot.next === null || slot.next.period === null)) {
      slot.current = new Lease(this.#deps.nextNumber(), slot, false, now);
      slot.nextAskAt = Infinity;
    }
    return slot.current;
  }

  /** Nothing of this lease will be spent any more. */
  close(lease: Lease, now: number): void {
    if (lease.final || lease.rev === 0) return;
    this.#deps.closed.add(lease);
    this.#deps.levels.close(lease, now);
  }

  /** The limits that the slot's leases were for are no more. */
  retire(slot: Slot, now: number): void {
    if (slot.current !== null) this.close(slot.current, now);
    if (slot.next !== null) this.close(slot.next, now);
    slot.current = null;
    slot.next = null;
    slot.refusal = null;
    slot.nextAskAt = Infinity;
  }

  /** Chooses the moment at which the window after this lease's is asked for. */
  planNext(slot: Slot, lease: Lease): void {
    const span = Math.min(
      this.#deps.settings.nextWindowAhead,
      NEXT_WINDOW_SHARE * (lease.windowEnd - lease.windowStart),
    );
    slot.nextAskAt = lease.end - span + this.#deps.random() * span * NEXT_WINDOW_SPREAD;
  }

  /** More was spent than is good: asks for more, unless there is none and it was asked lately. */
  renew(lease: Lease, now: number): void {
    if (lease.inFlight !== null || now >= lease.end) return;
    if (lease.room > 0 || now - lease.saidAt > ASK_WHEN_EMPTY_MS) this.#deps.levels.raise(lease, 0, now);
    else lease.renewAt = Infinity;
  }

  #level(lease: Lease, now: number): void {
    const { levels, pace } = this.#deps;
    if (now >= lease.askAgainAt) return levels.settle(lease, lease.unspent, now);
    if (now - lease.saidAt <= restBetweenLevels(lease, pace)) return;
    const kept = unitsKept(lease, lease.slot.demand.rate, now, pace);
    const spentUnsaid = lease.unspent === 0 && lease.scarce && lease.used !== lease.saidUsed;
    if (kept < lease.unspent || spentUnsaid) levels.settle(lease, kept, now);
  }

  #askNext(slot: Slot, lease: Lease, now: number): void {
    slot.nextAskAt = Infinity;
    if (slot.next !== null || lease.used === 0 || now >= lease.end) return;
    slot.next = new Lease(this.#deps.nextNumber(), slot, true, now);
    this.#deps.levels.raise(slot.next, 1, now);
  }
}

/** The next window's lease was answered so late that its window was asked for once more. */
function isDoubled(current: Lease | null, next: Lease): boolean {
  return current !== null && current.period !== null && current.windowStart >= next.windowStart;
}
