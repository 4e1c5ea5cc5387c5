import type { HeartbeatAnswer } from '../../shared/wire/heartbeat.ts';
import type { LeaseReply } from '../../shared/wire/leases.ts';
import type { BackendLink } from './backend-link.ts';
import type { Lease } from './lease.ts';
import type { Levels } from './levels.ts';
import type { AnswerTimes, Pending } from './messenger.ts';
import { applyReply, refusalOf } from './replies.ts';
import type { LeaseSettings } from './settings.ts';
import type { Pace } from './sizing.ts';
import type { Slot } from './slot.ts';
import type { Slots } from './slots.ts';
import type { Upkeep } from './upkeep.ts';

/** From this many outages in a row nobody waits for the lease any more; the message is still repeated. */
export const OUTAGES_UNTIL_TOLD = 2;

export interface LeaseListener {
  /** An answer came for this slot: decide its waiters again. `outage`: it said that nothing can be decided now. */
  answered(slot: Slot, outage: boolean, now: number): void;
  /**
   * Authorizations of the application (`*`: of every one of the service; null: of every service) may be out of date: ask again at the next use. Until now heartbeats
   * confirmed them, the last one sent at `confirmedAt`.
   */
  outdated(service: string | null, application: string, confirmedAt: number): void;
  /** Nothing that was timed before holds any more. */
  distrusted(): void;
  /** The store may have lost what it acknowledged: deliver the kept batches again. */
  storeChanged(): void;
}

export interface AnswersDeps {
  readonly settings: LeaseSettings;
  readonly link: BackendLink;
  readonly slots: Slots;
  readonly levels: Levels;
  readonly upkeep: Upkeep;
  readonly pace: Pace;
  readonly random: () => number;
  readonly listener: LeaseListener;
  /** Says again what was closed lately, own and adopted: the store changed. */
  readonly redeclareClosed: (now: number) => void;
  /** The last message of a lease was answered. */
  readonly acknowledge: (lease: Lease, now: number) => void;
}

/** What happens when the backend answers, or when its answers cannot be trusted. */
export class Answers {
  readonly #deps: AnswersDeps;

  constructor(deps: AnswersDeps) {
    this.#deps = deps;
  }

  /** Every answer comes through here. False: it speaks of a store that was replaced, or its times mean nothing. */
  heard(
    answer: { readonly store: string; readonly now: number },
    sentAt: number,
    answeredAt: number,
    quick = true,
  ): boolean {
    const { link, settings, pace } = this.#deps;
    this.checkClocks(answeredAt);
    const confirmed = link.versions.confirmedAt;
    const verdict = link.heard(answer, sentAt, answeredAt, quick);
    pace.roundTrip = Math.min(settings.backendTimeout, link.roundTrip);
    if (verdict === 'changed') this.#declareAll(confirmed, answeredAt);
    return verdict !== 'old';
  }

  /** Suspended, or a clock was set: leases are closed, nothing timed before counts. */
  checkClocks(now: number): void {
    const { link, slots, upkeep, listener } = this.#deps;
    if (!link.time.jumped(now)) return;
    link.distrust(now);
    for (const slot of slots.all) upkeep.retire(slot, now);
    listener.distrusted();
  }

  /** The newest message of a lease was answered. */
  replied(pending: Pending<Lease>, reply: LeaseReply, times: AnswerTimes): void {
    const lease = pending.owner;
    const { slot } = lease;
    const now = times.answeredAt;
    if (reply.code === 'outage') {
      lease.outages += 1;
      if (lease.outages >= OUTAGES_UNTIL_TOLD && slot.current === lease) this.#deps.listener.answered(slot, true, now);
      return;
    }
    lease.inFlight = null;
    lease.outages = 0;
    if (lease.final) this.#deps.acknowledge(lease, now);
    else if (reply.code !== 'ok') this.#gone(slot, lease, now);
    else if (reply.rev > pending.message.rev) this.#lost(slot, lease, reply, now);
    else this.#granted(slot, lease, reply, times);
  }

  /** A heartbeat was answered under the present store. */
  beaten(answer: HeartbeatAnswer, sentAt: number, answeredAt: number): void {
    const { link, slots, levels, listener } = this.#deps;
    const confirmed = link.versions.confirmedAt;
    link.versions.hear(answer, sentAt);
    if (answer.all) {
      this.#review(slots.all, confirmed, answeredAt);
      listener.outdated(null, '*', confirmed);
    }
    for (const change of answer.changed) {
      this.#review(slots.of(change.service, change.application), confirmed, answeredAt);
      listener.outdated(change.service, change.application, confirmed);
    }
    for (const { service, application } of answer.scarce) {
      for (const slot of slots.of(service, application)) {
        const lease = slot.current;
        if (lease !== null && lease.period !== null && lease.unspent > 0)
          levels.settle(lease, lease.unspent, answeredAt);
      }
    }
  }

  /** The application or metric is no more, or the service's token is not accepted: nothing can be spent. */
  #gone(slot: Slot, lease: Lease, now: number): void {
    const { listener, link } = this.#deps;
    listener.outdated(slot.service, slot.application, link.versions.confirmedAt);
    this.#leave(slot, lease, now);
  }

  /** Somebody closed it, believing this process dead: what was spent is said once more, above their revision. */
  #lost(slot: Slot, lease: Lease, reply: LeaseReply, now: number): void {
    lease.rev = reply.rev;
    this.#leave(slot, lease, now);
  }

  #granted(slot: Slot, lease: Lease, reply: LeaseReply, times: AnswerTimes): void {
    const { link, levels, upkeep, listener, settings, random } = this.#deps;
    const now = times.answeredAt;
    const first = lease.period === null;
    applyReply(lease, reply, times, link.versions.required(slot.service, slot.application));
    if (reply.replan) {
      listener.outdated(slot.service, slot.application, link.versions.confirmedAt);
      return this.#leave(slot, lease, now);
    }
    if (reply.shrink && lease.unspent > 0) levels.settle(lease, 0, now);
    if (slot.current === lease) {
      if (first) upkeep.planNext(slot, lease);
      const wanted = slot.waiters[0]?.amount ?? 1;
      const lacking = wanted - lease.unspent;
      if (lacking > 0 && reply.room < lacking && !reply.frozen) {
        slot.refusal = refusalOf(lease, reply, wanted, now, settings, random);
      }
      listener.answered(slot, reply.frozen, now);
    }
    levels.watch(lease);
  }

  /** Its units cannot be spent: it is closed, and whoever waits is decided anew. */
  #leave(slot: Slot, lease: Lease, now: number): void {
    if (slot.current === lease) slot.current = null;
    if (slot.next === lease) slot.next = null;
    this.#deps.upkeep.close(lease, now);
    this.#deps.listener.answered(slot, false, now);
  }

  /** Which leases are out of date now? `confirmedAt`: what confirmed them until now. */
  #review(slots: Iterable<Slot>, confirmedAt: number, now: number): void {
    for (const slot of slots) {
      slot.refusal = null;
      const required = this.#deps.link.versions.required(slot.service, slot.application);
      for (const lease of [slot.current, slot.next]) {
        if (lease === null || lease.version >= required) continue;
        outdate(lease, confirmedAt);
        if (lease.period !== null) this.#deps.levels.settle(lease, lease.unspent, now);
      }
    }
  }

  /** The store may have forgotten: every level is said again, those of leases closed lately too (R8). */
  #declareAll(confirmedAt: number, now: number): void {
    const { slots, levels, listener } = this.#deps;
    for (const slot of slots.all) {
      for (const lease of [slot.current, slot.next]) {
        if (lease === null) continue;
        outdate(lease, confirmedAt);
        lease.version = -1;
        levels.declare(lease, now);
      }
    }
    this.#deps.redeclareClosed(now);
    listener.outdated(null, '*', confirmedAt);
    listener.storeChanged();
  }
}

/** From now on only its own answers confirm it; until now the heartbeats did. */
function outdate(lease: Lease, confirmedAt: number): void {
  if (lease.upToDate) lease.confirmedAt = Math.max(lease.confirmedAt, confirmedAt);
  lease.upToDate = false;
}
