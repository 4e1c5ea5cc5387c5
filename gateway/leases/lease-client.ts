import type { Clock, Timer } from '../../shared/clock.ts';
import type { ServiceProof } from '../../shared/wire/common.ts';
import type { Journal } from '../journal/contract.ts';
import { Answers, type LeaseListener } from './answers.ts';
import { BackendLink } from './backend-link.ts';
import { ClosedLeases } from './closed-leases.ts';
import { Heartbeat } from './heartbeat.ts';
import type { Lease } from './lease.ts';
import { Levels } from './levels.ts';
import { Messenger } from './messenger.ts';
import type { LeaseSettings } from './settings.ts';
import type { Pace } from './sizing.ts';
import type { Slot } from './slot.ts';
import { Slots } from './slots.ts';
import type { BackendTransport } from './transport.ts';
import { Upkeep } from './upkeep.ts';

/** Every wait ends and every message is repeated at such a turn, so that none depends on a timer of its own (hole 29). */
const TURN_MS = 20;
/** Turns between two looks at the slots in use; all others are seen once in ten of those. */
const TURNS_PER_VISIT = 5;
const VISITS_PER_ROUND = 10;
/** A slot in use is looked after at every visit until it was idle for this long. */
const COLD_AFTER_MS = 2_000;

export interface LeaseClientDeps {
  readonly clock: Clock;
  readonly transport: BackendTransport;
  readonly journal: Journal;
  /** Writes the journal; false: its buffer is lost. */
  readonly commit: () => boolean;
  /** In [0, 1). */
  readonly random: () => number;
  /** Proofs of the named services, or of all. */
  readonly proofs: (services: ReadonlySet<string> | null) => readonly ServiceProof[];
  readonly listener: LeaseListener;
  readonly onLink: (state: 'up' | 'down') => void;
}

/** The gateway's side of the lease protocol: what is held, what is said, what is heard. It knows nothing of requests. */
export class LeaseClient {
  readonly link: BackendLink;
  readonly slots: Slots;
  readonly closed: ClosedLeases;
  readonly #settings: LeaseSettings;
  readonly #deps: LeaseClientDeps;
  readonly #messenger: Messenger<Lease>;
  readonly #levels: Levels;
  readonly #upkeep: Upkeep;
  readonly #answers: Answers;
  readonly #heartbeat: Heartbeat;
  readonly #hot = new Set<Slot>();
  #numbers = 0;
  #turns = 0;
  #timers: Timer[] = [];

  constructor(settings: LeaseSettings, deps: LeaseClientDeps) {
    const { clock, transport, journal, random, proofs, listener } = deps;
    this.#settings = settings;
    this.#deps = deps;
    const link = new BackendLink(clock, deps.onLink);
    const closed = new ClosedLeases(journal, settings.horizon);
    const slots = new Slots(journal, settings.maxSlots);
    const pace: Pace = { leaseTime: settings.leaseTime, roundTrip: 0 };
    const heard: Answers['heard'] = (answer, sentAt, answeredAt) => this.#answers.heard(answer, sentAt, answeredAt);
    const messenger = new Messenger<Lease>(journal.epoch, {
      clock,
      transport,
      random,
      proofs,
      heard,
      repeatAfter: () => Math.max(settings.repeatAfter, Math.min(settings.backendTimeout, 4 * link.roundTrip)),
      backendTimeout: settings.backendTimeout,
      unanswered: () => link.unanswered(),
      replied: (pending, reply, times) => this.#answers.replied(pending, reply, times),
    });
    const levels = new Levels(messenger, journal, pace);
    const upkeep = new Upkeep({ settings, levels, pace, random, closed, nextNumber: () => (this.#numbers += 1) });
    this.#answers = new Answers({ settings, link, slots, closed, levels, upkeep, pace, random, listener });
    const beaten: Answers['beaten'] = (answer, sentAt, answeredAt) => this.#answers.beaten(answer, sentAt, answeredAt);
    this.#heartbeat = new Heartbeat(journal.epoch, { clock, transport, link, proofs: () => proofs(null), heard, answered: beaten });
    this.link = link;
    this.slots = slots;
    this.closed = closed;
    this.#messenger = messenger;
    this.#levels = levels;
    this.#upkeep = upkeep;
  }

  start(): void {
    const { clock, random } = this.#deps;
    this.#heartbeat.beat();
    this.#timers.push(clock.every(TURN_MS, () => this.#turn()));
    const offset = clock.after(random() * this.#settings.leaseTime, () => {
      this.#timers.push(clock.every(this.#settings.leaseTime, () => this.#heartbeat.beat()));
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
    this.#answers.checkClocks(now);
    return now;
  }

  /** When the message was sent that last confirmed what was decided (R15): by its own answer, or by a heartbeat. */
  confirmedAt(decided: { readonly upToDate: boolean; readonly confirmedAt: number }): number {
    return decided.upToDate ? Math.max(decided.confirmedAt, this.link.versions.confirmedAt) : decided.confirmedAt;
  }

  /** May units of this lease be spent now, if it has any? */
  spendable(lease: Lease, now: number): boolean {
    return now >= lease.start && now < lease.end && now - this.confirmedAt(lease) <= this.#settings.confirmedFor;
  }

  /** Spends units that the lease has; the caller checked `spendable` and `unspent`. */
  spend(slot: Slot, lease: Lease, amount: number, now: number): void {
    lease.used += amount;
    lease.usedAt = now;
    if (lease.used > lease.renewAt) this.#upkeep.renew(lease, now);
    if (!slot.hot) this.#warm(slot);
  }

  /** Gives back what was spent. False: the lease is over, so that the limits' account must be corrected itself (R18). */
  unspend(lease: Lease, amount: number, now: number): boolean {
    if (lease.final || now >= lease.end) return false;
    lease.used -= amount;
    return true;
  }

  /** The slot's first waiter finds no units: asks for them. */
  ask(slot: Slot, now: number): void {
    const [first] = slot.waiters;
    if (first === undefined) return;
    if (!slot.hot) this.#warm(slot);
    const lease = this.#upkeep.present(slot, now);
    if (lease !== null) this.#levels.raise(lease, first.amount, now);
    else if (slot.next !== null) this.#deps.clock.after(slot.next.start - now, () => this.#begin(slot));
  }

  /** Brings the slot up to the present moment: a window may have ended. */
  rotate(slot: Slot, now: number): void {
    this.#upkeep.rotate(slot, now);
  }

  /** The limits that its leases were for are no more: they are closed. */
  retire(slot: Slot, now: number): void {
    this.#upkeep.retire(slot, now);
  }

  /** Returns every lease; all are acknowledged when `closed.unacknowledged` is 0. */
  closeAll(now: number): void {
    for (const slot of this.slots.all) this.#upkeep.retire(slot, now);
    this.#flush();
  }

  /** Somebody waits for a message that was not sent yet: commit and flush. */
  get urgent(): boolean {
    return this.#messenger.urgent;
  }

  /** The journal was written, so leases opened in it may be spoken of; or it was not, and they are opened again. */
  journalled(written: boolean): void {
    this.#levels.journalled(written);
    if (written && this.#messenger.urgent) this.#messenger.flush();
  }

  #begin(slot: Slot): void {
    const now = this.now();
    this.#upkeep.rotate(slot, now);
    this.#deps.listener.answered(slot, false, now);
  }

  #turn(): void {
    const now = this.now();
    this.#turns += 1;
    if (!this.link.down) this.#messenger.repeat(now);
    if (this.#turns % TURNS_PER_VISIT === 0) {
      for (const slot of this.#hot) this.#visitHot(slot, now);
      for (const slot of [...this.slots.some(Math.ceil(this.slots.size / VISITS_PER_ROUND))]) this.#visitCold(slot, now);
      this.closed.drop(this.link.answeredSentAt);
    }
    this.#flush();
  }

  #visitHot(slot: Slot, now: number): void {
    this.#upkeep.visit(slot, now);
    const lease = slot.current;
    if (slot.waiters.length > 0 || (lease !== null && now - lease.usedAt < COLD_AFTER_MS)) return;
    slot.hot = false;
    this.#hot.delete(slot);
  }

  #visitCold(slot: Slot, now: number): void {
    if (slot.hot) return;
    this.#upkeep.visit(slot, now);
    if (slot.empty && slot.refusal === null) this.slots.delete(slot);
  }

  #warm(slot: Slot): void {
    slot.hot = true;
    this.#hot.add(slot);
  }

  #flush(): void {
    if (!this.#messenger.unsent || this.link.down) return;
    if (this.#deps.commit()) this.#messenger.flush();
  }
}
