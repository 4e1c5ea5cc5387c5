import type { Timer } from '../../shared/clock.ts';
import type { Period } from '../../shared/period.ts';
import { Adoption } from './adoption.ts';
import type { AdoptedLease } from './adoption.ts';
import type { BackendLink } from './backend-link.ts';
import type { ClosedLeases } from './closed-leases.ts';
import type { Lease } from './lease.ts';
import { createLeaseParts } from './parts.ts';
import type { LeaseClientDeps, LeaseParts } from './parts.ts';
import { unitsRemaining } from './remaining.ts';
import type { LeaseSettings } from './settings.ts';
import type { Slot } from './slot.ts';
import type { Slots } from './slots.ts';

/** Every wait ends and every message is repeated at such a turn, so that none depends on a timer of its own (hole 29). */
const TURN_MS = 20;
/** Turns between two looks at the slots in use; all others are seen once in ten of those. */
const TURNS_PER_VISIT = 5;
const VISITS_PER_ROUND = 10;
/** A slot in use is looked after at every visit until it was idle for this long. */
const COLD_AFTER_MS = 2_000;

export interface Terms {
  readonly metric: string;
  /** The smallest limited period; null: unlimited. */
  readonly period: Period | null;
  readonly chain: readonly string[];
}

export interface LeaseFigures {
  readonly leases: number;
  readonly spent: number;
  readonly unspent: number;
  readonly returning: number;
}

/** The gateway's side of the lease protocol: what is held, what is said, what is heard. It knows nothing of requests. */
export class LeaseClient {
  readonly link: BackendLink;
  readonly slots: Slots;
  readonly closed: ClosedLeases<Lease>;
  readonly #settings: LeaseSettings;
  readonly #deps: LeaseClientDeps;
  readonly #parts: LeaseParts;
  readonly #hot = new Set<Slot>();
  #turns = 0;
  #timers: Timer[] = [];

  constructor(settings: LeaseSettings, deps: LeaseClientDeps) {
    this.#settings = settings;
    this.#deps = deps;
    this.#parts = createLeaseParts(settings, deps);
    this.link = this.#parts.link;
    this.slots = this.#parts.slots;
    this.closed = this.#parts.closed;
  }

  start(): void {
    const { clock, random } = this.#deps;
    this.#parts.heartbeat.beat();
    this.#timers.push(clock.every(TURN_MS, () => this.#turn()));
    const offset = clock.after(random() * this.#settings.leaseTime, () => {
      this.#timers.push(clock.every(this.#settings.leaseTime, () => this.#parts.heartbeat.beat()));
    });
    this.#timers.push(offset);
  }

  /** Stops speaking. What is still held stays taken until its window ends: call `closeAll` before. */
  stop(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers = [];
  }

  /** Monotonic time, after a look whether it can be trusted: read before anything is decided. */
  now(): number {
    const now = this.#deps.clock.monotonic();
    this.#parts.answers.checkClocks(now);
    return now;
  }

  /** The backend's answer to somebody else, such as a batch. False: it speaks of a store that was replaced. */
  heard(answer: { readonly store: string; readonly now: number }, sentAt: number, answeredAt: number): boolean {
    return this.#parts.answers.heard(answer, sentAt, answeredAt, false);
  }

  /** Urgent messages are to be sent: `commit` does it. */
  get urgent(): boolean {
    return this.#parts.messenger.urgent;
  }

  /** What the plan says of a metric of the application: leases that were for other terms are closed. */
  setTerms(service: string, application: string, { metric, period, chain }: Terms, version: number, now: number): void {
    const slot = this.slots.find(service, application, metric);
    if (slot === undefined || version < slot.termsVersion) return;
    const terms = JSON.stringify([period, chain]);
    if (slot.terms !== null && slot.terms !== terms) this.#parts.upkeep.retire(slot, now);
    slot.terms = terms;
    slot.termsVersion = version;
  }

  /** When the message was sent that last confirmed what was decided (R15): by its own answer, or by a heartbeat. */
  confirmedAt(decided: { readonly upToDate: boolean; readonly confirmedAt: number }): number {
    return decided.upToDate ? Math.max(decided.confirmedAt, this.link.versions.confirmedAt) : decided.confirmedAt;
  }

  /** Units of the lease and of the limits beyond that can be promised now. */
  remaining(lease: Lease, now: number): number {
    return unitsRemaining(lease, now, this.#settings.leaseTime);
  }

  /** May units of this lease be spent now, if it has any? */
  spendable(lease: Lease, now: number): boolean {
    return now >= lease.start && now < lease.end && now - this.confirmedAt(lease) <= this.#settings.confirmedFor;
  }

  /** Spends units that the lease has; the caller checked `spendable` and `unspent`. */
  spend(slot: Slot, lease: Lease, amount: number, now: number): void {
    lease.used += amount;
    lease.usedAt = now;
    if (lease.used > lease.renewAt) this.#parts.upkeep.renew(lease, now);
    if (!slot.hot) this.#warm(slot);
  }

  /**
   * Corrects what was spent by `change` units. False: the lease is over, its last level is said, so that the limits'
   * account must be corrected itself (R18).
   */
  adjust(lease: Lease, change: number, now: number): boolean {
    if (lease.final || now >= lease.end) return false;
    lease.used += change;
    if (lease.used > lease.ceiling) lease.ceiling = lease.used;
    return true;
  }

  /** The slot's first waiter finds no units: asks for them. */
  ask(slot: Slot, now: number): void {
    const [first] = slot.waiters;
    if (first === undefined) return;
    if (!slot.hot) this.#warm(slot);
    const lease = this.#parts.upkeep.present(slot, now);
    if (lease !== null) this.#parts.levels.raise(lease, first.amount, now);
    else if (slot.next !== null) this.#deps.clock.after(slot.next.start - now, () => this.#begin(slot));
  }

  /** Brings the slot up to the present moment: a window may have ended. */
  rotate(slot: Slot, now: number): void {
    this.#parts.upkeep.rotate(slot, now);
  }

  /** Returns every lease; all are acknowledged when `closed.unacknowledged` is 0. */
  closeAll(now: number): void {
    for (const slot of this.slots.all) this.#parts.upkeep.retire(slot, now);
    this.#flush();
  }

  /**
   * Closes the leases of a gateway that died, at what its journal says was used (R10). `closed` is called with the number
   * of each that the store has safely heard of.
   */
  adopt(epoch: string, leases: readonly AdoptedLease[], closed: (number: number) => void): void {
    const adoption = new Adoption(epoch, leases, this.#settings.horizon, this.#parts.post, closed, () =>
      this.#parts.adoptions.delete(adoption),
    );
    this.#parts.adoptions.add(adoption);
    adoption.redeclare();
  }

  /** How often the journal was written, and how often that failed and its buffer was lost. */
  written = 0;
  failed = 0;

  /** Writes the journal, the leases opened in it first; then they may be spoken of, and urgent messages go out. */
  commit(): boolean {
    const written = this.#deps.journal.commit();
    if (written) this.written += 1;
    else this.failed += 1;
    this.#parts.levels.journalled(written);
    if (written && this.#parts.messenger.urgent && !this.link.down) this.#parts.messenger.flush();
    return written;
  }

  /** Lease messages sent, repeats included. */
  get messages(): number {
    return this.#parts.messenger.sent;
  }

  /** Units of the present leases, and leases whose return was not acknowledged yet. Looks at every slot: for a scrape. */
  held(): LeaseFigures {
    const figures = { leases: 0, spent: 0, unspent: 0, returning: this.closed.unacknowledged };
    for (const { current, next } of this.slots.all) {
      for (const lease of [current, next]) {
        if (lease === null) continue;
        figures.leases += 1;
        figures.spent += lease.used;
        figures.unspent += lease.unspent;
      }
    }
    return figures;
  }

  #begin(slot: Slot): void {
    const now = this.now();
    this.#parts.upkeep.rotate(slot, now);
    this.#deps.listener.answered(slot, false, now);
  }

  #turn(): void {
    const now = this.now();
    this.#turns += 1;
    if (!this.link.down) this.#repeat(now);
    if (this.#turns % TURNS_PER_VISIT === 0) {
      for (const slot of this.#hot) this.#visitHot(slot, now);
      for (const slot of this.slots.some(Math.ceil(this.slots.size / VISITS_PER_ROUND))) this.#visitCold(slot, now);
      this.closed.drop(this.link.answeredSentAt);
      for (const adoption of this.#parts.adoptions) adoption.drop(this.link.answeredSentAt);
    }
    this.#flush();
  }

  #repeat(now: number): void {
    this.#parts.messenger.repeat(now);
    for (const adoption of this.#parts.adoptions) adoption.repeat(now);
  }

  #visitHot(slot: Slot, now: number): void {
    this.#parts.upkeep.visit(slot, now);
    const lease = slot.current;
    if (slot.waiters.length > 0 || (lease !== null && now - lease.usedAt < COLD_AFTER_MS)) return;
    slot.hot = false;
    this.#hot.delete(slot);
  }

  #visitCold(slot: Slot, now: number): void {
    if (slot.hot) return;
    this.#parts.upkeep.visit(slot, now);
    if (slot.empty && slot.refusal === null) this.slots.delete(slot);
  }

  #warm(slot: Slot): void {
    slot.hot = true;
    this.#hot.add(slot);
  }

  #flush(): void {
    if (!this.#parts.messenger.unsent || this.link.down) return;
    if (this.commit()) this.#parts.messenger.flush();
  }
}
