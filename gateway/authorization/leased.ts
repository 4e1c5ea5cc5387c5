import type { Clock, Timer } from '../../shared/clock.ts';
import type { AuthorizeReply } from '../../shared/wire/authorize.ts';
import type { ServiceProof } from '../../shared/wire/common.ts';
import type { Journal } from '../journal/contract.ts';
import { OUTAGES_UNTIL_TOLD } from '../leases/answers.ts';
import type { LeaseListener } from '../leases/answers.ts';
import { LeaseClient } from '../leases/lease-client.ts';
import type { LeaseSettings } from '../leases/settings.ts';
import type { Slot } from '../leases/slot.ts';
import type { BackendTransport } from '../leases/transport.ts';
import type { Authorizer, Call, Decision } from './authorizer.ts';
import { REFUSED_CREDENTIALS } from './decisions.ts';
import { Admissions } from './leased/admissions.ts';
import { Authorizations } from './leased/authorizations.ts';
import type { Caller } from './leased/caller.ts';
import { Callers } from './leased/callers.ts';
import type { CallerBounds } from './leased/callers.ts';
import { Outages } from './leased/outages.ts';
import type { Prepared } from './leased/prepared.ts';
import { Preparing } from './leased/preparing.ts';
import { Tallies } from './leased/tallies.ts';
import { Waiting, WaitingRoom } from './leased/waiting.ts';

/** Waiting requests are looked through this often for those whose time is over. */
const DEADLINE_TURN_MS = 20;
/** An answer about a caller that was older than what a heartbeat named is asked again after this long. */
const ASK_AGAIN_MS = 50;

export interface LeasedSettings {
  readonly leases: LeaseSettings;
  readonly callers: CallerBounds;
  /** Requests that wait at once; beyond, the answer is that of an outage. */
  readonly maxWaiting: number;
  /** JOURNAL_FULL=refuse: nothing is served that cannot be recorded. */
  readonly refuseWhenFull: boolean;
}

export interface LeasedDeps {
  readonly clock: Clock;
  readonly transport: BackendTransport;
  readonly journal: Journal;
  readonly random: () => number;
  /** Proofs of the named services, or of all. */
  readonly proofs: (services: ReadonlySet<string> | null) => readonly ServiceProof[];
  /** The backend began or ceased to answer: once per transition. */
  readonly onLink: (state: 'up' | 'down') => void;
  /** The store may have lost what it acknowledged: deliver the kept batches again. */
  readonly onStoreChanged: () => void;
}

/** Decides from leases (protocol R5–R19): no call to the backend on the steady path, and never over a limit. */
export class LeasedAuthorizer implements Authorizer {
  readonly client: LeaseClient;
  readonly callers: Callers;
  readonly tallies = new Tallies();
  readonly #settings: LeasedSettings;
  readonly #deps: LeasedDeps;
  readonly #admissions: Admissions;
  readonly #authorizations: Authorizations;
  readonly #preparing: Preparing;
  readonly #outages: Outages;
  readonly #room: WaitingRoom;
  /** Slots whose waiters' question was not put yet: at the end of the tick, with all of them in it. */
  readonly #asking = new Set<Slot>();
  #flushing: Timer | null = null;
  #turning: Timer | null = null;

  constructor(settings: LeasedSettings, deps: LeasedDeps) {
    this.#settings = settings;
    this.#deps = deps;
    this.callers = new Callers(deps.journal, settings.callers);
    this.client = new LeaseClient(settings.leases, { ...deps, listener: this.#listener() });
    this.#admissions = new Admissions(this.client, deps.journal);
    this.#preparing = new Preparing(this.client, deps.journal);
    const { client, tallies } = this;
    this.#outages = new Outages({ client, admissions: this.#admissions, preparing: this.#preparing, tallies });
    this.#room = new WaitingRoom(settings.maxWaiting);
    this.#authorizations = new Authorizations({
      ...deps,
      heard: (answer, sentAt, answeredAt) => this.client.heard(answer, sentAt, answeredAt),
      unanswered: () => this.client.link.unanswered(),
      replied: (caller, reply, sentAt, now) => this.#replied(caller, reply, sentAt, now),
    });
  }

  get waiting(): number {
    return this.#room.size;
  }

  start(): void {
    this.client.start();
    this.#turning = this.#deps.clock.every(DEADLINE_TURN_MS, () => this.#turn());
  }

  /** Everybody who waits is answered, every lease is returned; `client.closed.unacknowledged` tells when that is done. */
  close(): void {
    const now = this.client.now();
    for (const waiting of this.#room.everyone)
      this.#finish(waiting, this.#outages.decide(waiting.call, waiting.caller, now));
    this.client.closeAll(now);
  }

  stop(): void {
    this.#turning?.cancel();
    this.#flushing?.cancel();
    this.client.stop();
  }

  authorize(call: Call, resume: (decision: Decision) => void): Decision | null {
    if (this.#settings.refuseWhenFull && !this.#deps.journal.writable) return this.#outages.outage();
    const now = this.client.now();
    const caller = this.callers.find(call);
    const prepared = this.#preparing.known(caller, call);
    if (prepared !== undefined && this.#isFresh(caller, now)) {
      if (now >= caller.refreshAt) this.#refresh(caller, call);
      demand(prepared);
      if (prepared.refused === null && this.#admissions.lacking(prepared, now) === null) {
        this.tallies.hits += 1;
        return this.#admissions.admit(call, prepared, now);
      }
    }
    return this.#decideOrWait(call, caller, now, resume);
  }

  abandon(call: Call): void {
    if (call.admission instanceof Waiting) this.#room.leave(call.admission);
  }

  takeBack(call: Call): void {
    this.#admissions.takeBack(call);
  }

  finished(call: Call, status: number, failed: boolean): void {
    this.#admissions.finished(call, status, failed);
  }

  /** Settles a post-paid call: of the metric, `actual` units instead of those that the usage reserved (protocol R18). */
  settle(call: Call, metric: string, actual: number): void {
    this.#admissions.settle(call, metric, actual);
  }

  commit(): boolean {
    this.#putQuestions();
    return this.#admissions.commit();
  }

  #decideOrWait(call: Call, caller: Caller, now: number, resume: (decision: Decision) => void): Decision | null {
    const outcome = this.#decide(call, caller, now);
    if (isDecision(outcome)) return outcome;
    if (outcome === 'caller') this.tallies.misses += 1;
    else this.tallies.leaseWaits += 1;
    if (this.client.link.down || this.#room.full || (outcome !== 'caller' && isOut(outcome))) {
      return this.#outages.decide(call, caller, now);
    }
    const waiting = new Waiting(call, caller, now + this.#settings.leases.backendTimeout, resume);
    call.admission = waiting;
    this.#room.add(waiting);
    this.#queue(waiting, outcome);
    return null;
  }

  /** A decision, or what it needs: an answer about the caller, or units for a slot. */
  #decide(call: Call, caller: Caller, now: number): Decision | Slot | 'caller' {
    if (!this.#isFresh(caller, now)) return 'caller';
    if (caller.denied) {
      this.tallies.denials += 1;
      return REFUSED_CREDENTIALS;
    }
    const prepared = this.#preparing.prepare(caller, call, now);
    if (prepared === null) return 'caller';
    if (prepared === 'full') return this.#outages.outage();
    if (prepared.refused !== null) return prepared.refused;
    for (const { slot } of prepared.entries) if (slot !== null) this.client.rotate(slot, now);
    const slot = this.#admissions.lacking(prepared, now);
    if (slot === null) return this.#admissions.admit(call, prepared, now);
    return this.#outages.refusal(prepared, now) ?? slot;
  }

  #isFresh(caller: Caller, now: number): boolean {
    return now < caller.usableUntil && now - this.client.confirmedAt(caller) <= this.#settings.leases.confirmedFor;
  }

  #refresh(caller: Caller, call: Call): void {
    if (caller.asking || this.client.link.down) return;
    this.#authorizations.ask(caller, metricsOf(call));
    this.#flushSoon();
  }

  #queue(waiting: Waiting, need: Slot | 'caller'): void {
    if (need === 'caller') {
      waiting.caller.waiting.push(waiting);
      this.#authorizations.ask(waiting.caller, metricsOf(waiting.call));
    } else {
      waiting.slot = need;
      waiting.amount = amountFrom(this.#preparing.known(waiting.caller, waiting.call), need);
      need.waiters.push(waiting);
      this.#asking.add(need);
    }
    this.#flushSoon();
  }

  #finish(waiting: Waiting, decision: Decision): void {
    this.#room.leave(waiting);
    if (waiting.call.admission === waiting) waiting.call.admission = null;
    waiting.resume(decision);
  }

  /** Decides those who waited once more; `outage`: waiting on has no point. */
  #decideAgain(waiters: readonly Waiting[], outage: boolean, now: number): void {
    for (const waiting of waiters) {
      if (waiting.over) continue;
      waiting.slot = null;
      waiting.caller = this.callers.find(waiting.call);
      const outcome = this.#decide(waiting.call, waiting.caller, now);
      if (isDecision(outcome)) this.#finish(waiting, outcome);
      else if (outage) this.#finish(waiting, this.#outages.decide(waiting.call, waiting.caller, now));
      else this.#queue(waiting, outcome);
    }
  }

  #replied(caller: Caller, reply: AuthorizeReply | null, sentAt: number, now: number): void {
    const waiters = caller.waiting.splice(0);
    if (reply === null || reply.code !== 'ok') return this.#decideAgain(waiters, true, now);
    const { application, version, metrics } = reply;
    const required = this.client.link.versions.required(caller.service, application ?? '');
    const referrer = caller.referrer ?? waiters[0]?.call.referrer ?? null;
    const answered = this.callers.answered(caller, reply, referrer, sentAt, required);
    if (application !== null) {
      for (const terms of metrics) this.client.setTerms(caller.service, application, terms, version, now);
    }
    if (answered.denied || answered.upToDate) return this.#decideAgain(waiters, false, now);
    caller.waiting.push(...waiters);
    this.#deps.clock.after(ASK_AGAIN_MS, () => this.#decideAgain(caller.waiting.splice(0), false, this.client.now()));
  }

  #listener(): LeaseListener {
    return {
      answered: (slot, outage, now) => {
        const waiters = slot.waiters.splice(0).filter((waiter) => waiter instanceof Waiting);
        this.#decideAgain(waiters, outage, now);
      },
      outdated: (service, application, confirmedAt) => this.callers.outdate(service, application, confirmedAt),
      distrusted: () => this.callers.distrust(),
      storeChanged: () => this.#deps.onStoreChanged(),
    };
  }

  /** Everybody whose time is over is answered, whatever became of the timers of others. */
  #turn(): void {
    const now = this.client.now();
    const { down } = this.client.link;
    for (const waiting of down ? this.#room.everyone : this.#room.overdue(now)) {
      this.#finish(waiting, this.#outages.decide(waiting.call, waiting.caller, now));
    }
  }

  /** At the end of the tick, so that all of its questions go in one call. */
  #flushSoon(): void {
    this.#flushing ??= this.#deps.clock.after(0, () => {
      this.#putQuestions();
      if (this.client.urgent) this.client.commit();
    });
  }

  #putQuestions(): void {
    this.#flushing?.cancel();
    this.#flushing = null;
    if (this.#asking.size > 0) {
      const now = this.client.now();
      for (const slot of this.#asking) this.client.ask(slot, now);
      this.#asking.clear();
    }
    this.#authorizations.flush();
  }
}

function isDecision(outcome: Decision | Slot | 'caller'): outcome is Decision {
  return typeof outcome === 'object' && 'allowed' in outcome;
}

/** The last answers about the slot were outages. */
function isOut(slot: Slot): boolean {
  return slot.current !== null && slot.current.outages >= OUTAGES_UNTIL_TOLD;
}

function demand(prepared: Prepared): void {
  for (const { slot, amount } of prepared.entries) slot?.demand.add(amount);
}

function amountFrom(prepared: Prepared | undefined, slot: Slot): number {
  return prepared?.entries.find((entry) => entry.slot === slot)?.amount ?? 1;
}

function metricsOf(call: Call): readonly string[] {
  return call.usage.entries.map(({ metric }) => metric);
}
