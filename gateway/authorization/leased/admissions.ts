import type { Journal } from '../../journal/contract.ts';
import type { Lease } from '../../leases/lease.ts';
import type { LeaseClient } from '../../leases/lease-client.ts';
import type { Slot } from '../../leases/slot.ts';
import type { Call, Decision } from '../authorizer.ts';
import { ALLOWED } from '../decisions.ts';
import { fieldsOf, nextShown, roundedDown, secondsLeft } from './headers.ts';
import { Stamp } from './prepared.ts';
import type { Prepared } from './prepared.ts';

/**
 * Admits calls and counts them, out of leases or without, and takes it back. An admission spends in memory and buffers
 * in the journal; it is real when the tick's journal write succeeded.
 */
export class Admissions {
  readonly #client: LeaseClient;
  readonly #journal: Journal;
  /** This tick's calls, and how often the journal had been written when each was admitted. */
  readonly #calls: Call[] = [];
  readonly #written: number[] = [];
  /** Failed writes that the engine was told of. */
  #toldFailures = 0;

  constructor(client: LeaseClient, journal: Journal) {
    this.#client = client;
    this.#journal = journal;
  }

  /** The first metric that has too few units here; null: all can be paid. */
  lacking(prepared: Prepared, now: number): Slot | null {
    for (const { slot, amount } of prepared.entries) {
      if (slot === null) continue;
      const lease = slot.current;
      if (lease === null || lease.used + amount > lease.ceiling || !this.#client.spendable(lease, now)) return slot;
    }
    return null;
  }

  /** Spends and counts what `lacking` found to be there: all of it. */
  admit(call: Call, prepared: Prepared, now: number): Decision {
    const stamp = this.#stampOf(prepared, now);
    const { entries, owner } = prepared;
    for (let index = 0; index < entries.length; index += 1) {
      const entry = entries[index];
      const lease = stamp.leases[index];
      if (entry === undefined || lease === undefined) continue;
      const { slot, amount, metric } = entry;
      const at = stamp.at[index] ?? 0;
      if (slot !== null && lease !== null) {
        this.#client.spend(slot, lease, amount, now);
        this.#journal.use(owner.handle, metric, at, amount, 0, lease.number);
      } else {
        this.#journal.use(owner.handle, metric, at, amount, amount, 0);
      }
    }
    this.#note(call, stamp);
    return this.#decisionOf(stamp, now);
  }

  /** Counts a call that is served without the backend: the limits learn of it when it is applied. */
  admitUnleased(call: Call, prepared: Prepared, now: number): Decision {
    const stamp = new Stamp(
      prepared,
      prepared.entries.map(() => null),
      this.#client.link.time,
      now,
    );
    for (const [index, { metric, amount }] of prepared.entries.entries()) {
      this.#journal.use(prepared.owner.handle, metric, stamp.at[index] ?? 0, amount, amount, 0);
    }
    this.#note(call, stamp);
    return ALLOWED;
  }

  /** Writes the tick; false when some of it may be lost: then `takeBack` follows for each of its calls. */
  commit(): boolean {
    const written = this.#client.commit();
    const complete = written && this.#client.failed === this.#toldFailures;
    this.#toldFailures = this.#client.failed;
    if (complete) this.#calls.length = this.#written.length = 0;
    return complete;
  }

  /** The call was not served: as if it had never been admitted. */
  takeBack(call: Call): void {
    const index = this.#calls.indexOf(call);
    const written = this.#written[index];
    const stamp = call.admission;
    if (index < 0 || written === undefined || !(stamp instanceof Stamp)) return;
    this.#calls.splice(index, 1);
    this.#written.splice(index, 1);
    this.#correct(stamp, () => true, written < this.#client.written);
    call.admission = null;
    stamp.prepared.owner.leave();
  }

  /** The answer is known: entries that count only successes are taken back if it was none. */
  finished(call: Call, status: number, failed: boolean): void {
    const stamp = call.admission;
    if (!(stamp instanceof Stamp)) return;
    call.admission = null;
    const { owner, usage } = stamp.prepared;
    const at = stamp.at[0];
    if (status > 0 && at !== undefined) this.#journal.code(owner.handle, at, status);
    const success = !failed && status >= 200 && status < 400;
    if (usage.onSuccess && !success) this.#correct(stamp, (entry) => entry.onSuccess, true);
    owner.leave();
  }

  /**
   * Settles a post-paid call (protocol R18): the reservation of `metric` becomes `actual` units. Above the reservation
   * the limit may be passed: exact only where the reservation is the maximum.
   */
  settle(call: Call, metric: string, actual: number): void {
    const stamp = call.admission;
    if (!(stamp instanceof Stamp)) return;
    const index = stamp.prepared.usage.entries.findIndex((entry) => entry.metric === metric);
    const reserved = stamp.prepared.entries[index]?.amount;
    if (reserved !== undefined) this.#adjust(stamp, index, actual - reserved, true);
  }

  #correct(stamp: Stamp, which: (entry: Prepared['entries'][number]) => boolean, written: boolean): void {
    for (const [index, entry] of stamp.prepared.entries.entries()) {
      if (which(entry)) this.#adjust(stamp, index, -entry.amount, written);
    }
  }

  /** `change` units more or less, dated as the admission. `written` false: its usage never reached the journal, only the lease knows of it. */
  #adjust(stamp: Stamp, index: number, change: number, written: boolean): void {
    const entry = stamp.prepared.entries[index];
    const lease = stamp.leases[index] ?? null;
    if (entry === undefined || change === 0) return;
    const open = lease !== null && this.#client.adjust(lease, change, this.#client.now());
    const use = written ? change : 0;
    const take = open || (lease === null && !written) ? 0 : change;
    if (use === 0 && take === 0) return;
    this.#journal.settle(
      stamp.prepared.owner.handle,
      entry.metric,
      stamp.at[index] ?? 0,
      use,
      take,
      open ? lease.number : 0,
    );
  }

  #note(call: Call, stamp: Stamp): void {
    call.admission = stamp;
    stamp.prepared.owner.enter();
    this.#calls.push(call);
    this.#written.push(this.#client.written);
  }

  #stampOf(prepared: Prepared, now: number): Stamp {
    const known = prepared.stamp;
    if (known !== null && now < known.until && isPaidFrom(known, prepared)) return known;
    const leases = prepared.entries.map(({ slot }): Lease | null => slot?.current ?? null);
    prepared.stamp = new Stamp(prepared, leases, this.#client.link.time, now);
    return prepared.stamp;
  }

  #decisionOf(stamp: Stamp, now: number): Decision {
    let tightest: Lease | null = null;
    let remaining = Infinity;
    for (const lease of stamp.leases) {
      if (lease === null || lease.tightest === null) continue;
      const left = this.#client.remaining(lease, now);
      if (left < remaining) {
        remaining = left;
        tightest = lease;
      }
    }
    if (tightest === null || tightest.tightest === null) return ALLOWED;
    const limit = tightest.tightest;
    const seconds = secondsLeft(limit, this.#client.link.time.at(now));
    const { decision, shownFrom, shownBelow, shownSeconds } = stamp;
    if (decision !== null && seconds === shownSeconds && remaining >= shownFrom && remaining < shownBelow)
      return decision;
    const shown = roundedDown(remaining);
    stamp.shownFrom = shown;
    stamp.shownBelow = nextShown(shown);
    stamp.shownSeconds = seconds;
    stamp.decision = { allowed: true, headers: fieldsOf(limit, shown, seconds) };
    return stamp.decision;
  }
}

function isPaidFrom(stamp: Stamp, prepared: Prepared): boolean {
  const { entries } = prepared;
  for (let index = 0; index < entries.length; index += 1) {
    if ((entries[index]?.slot?.current ?? null) !== stamp.leases[index]) return false;
  }
  return true;
}
