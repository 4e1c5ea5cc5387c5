import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import { random } from '../backend-client/random.ts';
import type { Verdict } from '../backend-client/verdict.ts';
import type { Service } from '../config/service.ts';
import type { Journal, MetricHandle } from '../journal/contract.ts';
import type { Usage } from '../rules/usage.ts';
import type { Call, Decision } from './authorizer.ts';
import { UsageState, type Caller } from './caller.ts';
import type { Callers } from './callers.ts';
import { Complaints } from './complaints.ts';
import { ALLOWED, DISABLED, REFUSED_CREDENTIALS, limitsExceeded } from './decisions.ts';

/** Refusals are forgotten sooner than admissions: a new key works soon after it was made, ms. */
const REFUSAL_TTL = 5_000;

export interface LocalDeciderDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly journal: Journal;
  readonly callers: Callers;
  readonly reportedUpTo: (sentAt: number) => number;
  readonly random?: () => number;
}

/** Decides from what the backend said last, and learns from what it says. */
export class LocalDecider {
  readonly #ttl: number;
  readonly #deps: LocalDeciderDeps;
  readonly #random: () => number;
  readonly #metrics = new WeakMap<Usage, readonly MetricHandle[]>();
  readonly #complaints: Complaints;

  constructor(settings: { readonly authsTtlMs: number }, deps: LocalDeciderDeps) {
    this.#ttl = settings.authsTtlMs;
    this.#deps = deps;
    this.#random = deps.random ?? random;
    this.#complaints = new Complaints(deps.log);
  }

  /** Null: the backend has to be asked. `now`: monotonic ms. */
  decide(caller: Caller, usage: Usage, now: number): Decision | null {
    if (now >= caller.freshUntil) return null;
    if (caller.refusal !== null) return caller.refusal;
    const state = caller.state(usage);
    if (state !== null && now < state.deniedUntil) return state.denial;
    if (state?.verified !== true && !usage.entries.every(({ metric }) => caller.limits.knows(metric))) return null;
    if (state !== null && state.callsLeft !== Number.POSITIVE_INFINITY && now >= state.headerUntil) return null;
    return this.#judge(caller, state ?? this.stateOf(caller, usage), now);
  }

  /** As `decide`, from whatever is known, however old. */
  decideNow(caller: Caller, usage: Usage): Decision {
    return caller.refusal ?? this.#judge(caller, this.stateOf(caller, usage), this.#deps.clock.monotonic());
  }

  /** May this caller be served from its last decision, the backend being away? */
  mayBeStale(caller: Caller, service: Service): boolean {
    const age = this.#deps.clock.monotonic() - caller.answeredAt;
    return caller.known && (service.backendDown === 'allow' || age <= service.staleSeconds * 1000);
  }

  /** BACKEND_DOWN=allow and a caller of whom nothing is known: it is served, and its usage reported apart. */
  decideUnvouched(caller: Caller, usage: Usage): Decision {
    this.#deps.callers.setKnown(caller, false);
    this.#deps.callers.admit(caller);
    return this.decideNow(caller, usage);
  }

  stateOf(caller: Caller, usage: Usage): UsageState {
    const known = caller.state(usage);
    if (known !== null) return known;
    let metrics = this.#metrics.get(usage);
    if (metrics === undefined) {
      metrics = usage.entries.map(({ metric }) => this.#deps.journal.metric(metric));
      this.#metrics.set(usage, metrics);
    }
    const state = new UsageState(usage, metrics, caller.limits);
    caller.usages[usage.index] = state;
    return state;
  }

  /** Takes the answer to a question that was sent at `sentAt` (monotonic ms). */
  learn(caller: Caller, call: Call, verdict: Verdict, sentAt: number): void {
    if (verdict.kind === 'unavailable') return this.#complaints.tell(verdict.code, call.service);
    const { callers } = this.#deps;
    caller.answeredAt = sentAt;
    if (verdict.kind === 'refused' && verdict.about === 'caller') {
      caller.refusal = REFUSED_CREDENTIALS;
      caller.freshUntil = sentAt + Math.min(this.#ttl, REFUSAL_TTL);
      caller.refreshAt = caller.freshUntil;
      return callers.refuse(caller);
    }
    caller.refusal = null;
    callers.setKnown(caller, true);
    callers.admit(caller);
    caller.freshUntil = sentAt + this.#ttl;
    caller.refreshAt = sentAt + this.#ttl * (0.6 + 0.2 * this.#random());
    const state = this.stateOf(caller, call.usage);
    if (verdict.kind === 'refused') this.#deny(state, REFUSED_CREDENTIALS, caller.freshUntil);
    else this.#learnLimits(caller, state, verdict, sentAt);
  }

  #learnLimits(
    caller: Caller,
    state: UsageState,
    verdict: Verdict & { kind: 'allowed' | 'exceeded' },
    sentAt: number,
  ): void {
    const now = this.#deps.clock.now();
    if (verdict.status !== null) caller.limits.update(verdict.status, now, this.#deps.reportedUpTo(sentAt));
    state.verified = true;
    state.deniedUntil = 0;
    const { limits } = verdict;
    const here = caller.limits.remainingCalls(state.chargesFor(caller.limits), now);
    // A limit of an ancestor that the hierarchy does not show is known by the headers alone.
    if (limits !== null && limits.remaining >= 0 && limits.remaining < here)
      state.bound(limits, caller.freshUntil, sentAt);
    else state.unbound();
    if (verdict.kind === 'exceeded' && this.#judge(caller, state, sentAt).allowed) {
      const until =
        limits?.reset === null || limits === null
          ? caller.freshUntil
          : Math.min(caller.freshUntil, sentAt + limits.reset * 1000);
      this.#deny(state, limits?.max === 0 ? DISABLED : limitsExceeded(limits?.reset ?? null, ''), until);
    }
  }

  #deny(state: UsageState, denial: Decision, until: number): void {
    state.verified = false;
    state.denial = denial;
    state.deniedUntil = until;
  }

  #judge(caller: Caller, state: UsageState, now: number): Decision {
    if (state.denial !== null && now < state.deniedUntil) return state.denial;
    const excess = state.headerExcess(now);
    if (excess !== null) return excess;
    const charges = state.chargesFor(caller.limits);
    if (charges.length === 0) return ALLOWED;
    const wall = this.#deps.clock.now();
    const exceeded = caller.limits.excess(charges, wall);
    if (exceeded === null) return ALLOWED;
    return exceeded.disabled ? DISABLED : limitsExceeded(exceeded.retryAfter, caller.limits.fields(charges, wall));
  }
}
