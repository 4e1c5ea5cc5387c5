import type { Journal } from '../journal/contract.ts';
import type { Lease } from './lease.ts';
import type { Messenger } from './messenger.ts';
import { renewBelow, unitsWanted } from './sizing.ts';
import type { Pace } from './sizing.ts';
import type { Slot } from './slot.ts';

/** Says the levels of leases (protocol R5): what was used, what is held, what is wanted. One message per lease at a time. */
export class Levels {
  readonly #messenger: Messenger<Lease>;
  readonly #journal: Journal;
  readonly #pace: Pace;
  /** Opened in the journal's buffer, which was not written yet. */
  #opened: Lease[] = [];

  constructor(messenger: Messenger<Lease>, journal: Journal, pace: Pace) {
    this.#messenger = messenger;
    this.#journal = journal;
    this.#pace = pace;
  }

  /** Asks for more. `need`: units without which the answer is of no use; 0: in the background, for later. */
  raise(lease: Lease, need: number, now: number): void {
    if (lease.final || lease.inFlight !== null) return;
    const waiting = lease.slot.current === lease ? unitsWaiting(lease.slot) : 0;
    const { demand } = lease.slot;
    const beginning = demand.beginning(now);
    const want = unitsWanted(lease, Math.max(demand.rate, beginning), Math.max(need, waiting), this.#pace);
    this.#say(lease, Math.max(lease.ceiling, want), need, need > 0 || beginning > 0, now);
  }

  /** Says what was used and keeps `kept` unspent units; the rest is given up before it is said. */
  settle(lease: Lease, kept: number, now: number): void {
    if (lease.inFlight !== null || lease.final) return;
    this.#say(lease, lease.used + Math.min(kept, lease.unspent), 0, false, now);
  }

  /** Says again all that is held: the store may have forgotten it. An older message has no meaning any more. */
  declare(lease: Lease, now: number): void {
    this.#supersede(lease);
    const [waiter] = lease.slot.waiters;
    if (waiter !== undefined && lease.slot.current === lease) this.raise(lease, waiter.amount, now);
    else this.#say(lease, lease.final ? lease.used : lease.ceiling, 0, false, now);
  }

  /** Nothing more will be spent. */
  close(lease: Lease, now: number): void {
    if (lease.final) return;
    lease.final = true;
    this.#supersede(lease);
    this.#say(lease, lease.used, 0, false, now);
  }

  /** Sets the level at which more is asked for. */
  watch(lease: Lease): void {
    if (lease.inFlight !== null || lease.final) lease.renewAt = Infinity;
    else lease.renewAt = lease.ceiling - renewBelow(lease, lease.slot.demand.rate, this.#pace);
  }

  /** The journal was written: what was opened may be spoken of. `written` false: its buffer is lost and opened again. */
  journalled(written: boolean): void {
    const opened = this.#opened;
    this.#opened = [];
    if (!written) for (const lease of opened) this.#open(lease);
  }

  #open(lease: Lease): void {
    this.#opened.push(lease);
    this.#journal.openLease({
      number: lease.number,
      owner: lease.slot.owner.handle,
      metric: lease.slot.metricHandle,
      rev: 1,
    });
  }

  #supersede(lease: Lease): void {
    if (lease.inFlight !== null) this.#messenger.cancel(lease.inFlight);
    lease.inFlight = null;
  }

  #say(lease: Lease, want: number, need: number, urgent: boolean, now: number): void {
    const { slot } = lease;
    lease.rev += 1;
    if (lease.rev === 1) {
      slot.owner.enter();
      this.#open(lease);
    }
    if (want < lease.ceiling) lease.ceiling = want;
    lease.saidAt = now;
    lease.saidUsed = lease.used;
    lease.askAgainAt = Infinity;
    lease.renewAt = Infinity;
    const message = {
      number: lease.number,
      rev: lease.rev,
      service: slot.service,
      application: slot.application,
      metric: slot.metric,
      used: lease.used,
      held: lease.ceiling,
      want,
      need,
      next: lease.next,
      final: lease.final,
      at: lease.period === null ? null : lease.windowStart,
      period: lease.period,
    };
    lease.inFlight = this.#messenger.post(lease, message, urgent);
  }
}

function unitsWaiting(slot: Slot): number {
  let units = 0;
  for (const waiter of slot.waiters) units += waiter.amount;
  return units;
}
