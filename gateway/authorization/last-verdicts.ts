import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import type { LimitHeaders, Verdict } from '../backend-client/verdict.ts';
import type { Service } from '../config/service.ts';
import type { Journal } from '../journal/contract.ts';
import type { Usage } from '../rules/usage.ts';
import type { Call, Decision } from './authorizer.ts';
import { UsageState, type Caller } from './caller.ts';
import type { Callers } from './callers.ts';
import { Complaints } from './complaints.ts';
import { ALLOWED, DISABLED, limitsExceeded, REFUSED_CREDENTIALS } from './decisions.ts';

/** Refusals are forgotten soon: a new key works soon after it was made, and a window that ended is noticed, ms. */
const REFUSAL_TTL = 5_000;
const EXCEEDED_TTL = 1_000;

/** The backend's last word on each caller and usage, for REPORTING_MODE=per-request. */
export class LastVerdicts {
  readonly #ttl: number;
  readonly #deps: { readonly clock: Clock; readonly journal: Journal; readonly callers: Callers };
  readonly #complaints: Complaints;

  constructor(
    ttl: number,
    deps: { readonly clock: Clock; readonly log: Logger; readonly journal: Journal; readonly callers: Callers },
  ) {
    this.#ttl = ttl;
    this.#deps = deps;
    this.#complaints = new Complaints(deps.log);
  }

  /** Null: the call has to be made first. `now`: monotonic ms. */
  decide(caller: Caller, usage: Usage, now: number): Decision | null {
    if (caller.refusal !== null) return now < caller.freshUntil ? caller.refusal : null;
    const state = caller.state(usage);
    if (state === null) return null;
    if (now < state.deniedUntil) return state.denial;
    if (now >= state.admittedUntil) return null;
    // As many pass untold as the backend had left, whatever is under way.
    return state.callsLeft > 0 || now >= state.headerUntil ? ALLOWED : null;
  }

  /** What an answer to this request's own call means for it. */
  decisionOf(caller: Caller, usage: Usage, verdict: Verdict): Decision {
    if (verdict.kind === 'allowed') return ALLOWED;
    if (verdict.kind === 'exceeded') return exceeded(verdict);
    return caller.state(usage)?.denial ?? REFUSED_CREDENTIALS;
  }

  /** From whatever is known, however old. */
  lastDecision(caller: Caller, usage: Usage): Decision {
    return (
      caller.refusal ?? (caller.state(usage)?.denied === true ? (caller.state(usage)?.denial ?? ALLOWED) : ALLOWED)
    );
  }

  mayBeStale(caller: Caller, service: Service): boolean {
    const age = this.#deps.clock.monotonic() - caller.answeredAt;
    return caller.known && (service.backendDown === 'allow' || age <= service.staleSeconds * 1000);
  }

  stateOf(caller: Caller, usage: Usage): UsageState {
    const known = caller.state(usage);
    if (known !== null) return known;
    const metrics = usage.entries.map(({ metric }) => this.#deps.journal.metric(metric));
    const state = new UsageState(usage, metrics, caller.limits);
    caller.usages[usage.index] = state;
    return state;
  }

  /** Takes the answer to a call that was sent at `sentAt` (monotonic ms). */
  learn(caller: Caller, call: Pick<Call, 'usage' | 'service'>, verdict: Verdict, sentAt: number): void {
    if (verdict.kind === 'unavailable') return this.#complaints.tell(verdict.code, call.service);
    const { callers } = this.#deps;
    caller.answeredAt = Math.max(caller.answeredAt, sentAt);
    if (verdict.kind === 'refused' && verdict.about === 'caller') {
      caller.refusal = REFUSED_CREDENTIALS;
      caller.freshUntil = sentAt + Math.min(this.#ttl, REFUSAL_TTL);
      return callers.refuse(caller);
    }
    caller.refusal = null;
    callers.setKnown(caller, true);
    callers.admit(caller);
    this.#learnUsage(this.stateOf(caller, call.usage), verdict, sentAt);
  }

  /** How many may pass untold from here on: what the backend had left, less those it did not know of. */
  #bound(state: UsageState, limits: LimitHeaders | null, sentAt: number): void {
    const now = this.#deps.clock.monotonic();
    if (limits === null || limits.remaining < 0) return state.unbound();
    // Answers overtake each other: only one to a call made after the last one came is certainly newer.
    const newer = sentAt >= state.boundAt || now >= state.headerUntil;
    const left = limits.remaining - state.untold - state.beingTold;
    const remaining = newer ? left : Math.min(left, state.callsLeft);
    state.bound({ ...limits, remaining }, Number.POSITIVE_INFINITY, sentAt);
    state.boundAt = now;
  }

  #learnUsage(state: UsageState, verdict: Exclude<Verdict, { kind: 'unavailable' }>, sentAt: number): void {
    const now = this.#deps.clock.monotonic();
    state.denied = verdict.kind !== 'allowed';
    if (verdict.kind === 'allowed') {
      state.deniedUntil = 0;
      state.admittedUntil = sentAt + this.#ttl;
      return this.#bound(state, verdict.limits, sentAt);
    }
    state.admittedUntil = 0;
    if (verdict.kind === 'exceeded') this.#bound(state, { remaining: 0, reset: null, max: 0, ...verdict.limits }, now);
    state.denial = verdict.kind === 'exceeded' ? exceeded(verdict) : REFUSED_CREDENTIALS;
    // With requests under way that the backend counts later, a refusal may be theirs: it is not remembered.
    if (state.untold > 0) return;
    const ttl = Math.min(this.#ttl, verdict.kind === 'exceeded' ? EXCEEDED_TTL : REFUSAL_TTL);
    const reset = verdict.kind === 'exceeded' ? (verdict.limits?.reset ?? null) : null;
    state.deniedUntil = sentAt + (reset === null ? ttl : Math.min(ttl, reset * 1000));
  }
}

function exceeded({ limits }: Verdict & { kind: 'exceeded' }): Decision {
  return limits?.max === 0 ? DISABLED : limitsExceeded(limits?.reset ?? null, '');
}
