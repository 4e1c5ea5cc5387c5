import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import type { BackendConnection } from '../backend-client/connection.ts';
import type { ThreescaleClient } from '../backend-client/threescale.ts';
import type { Verdict } from '../backend-client/verdict.ts';
import type { Journal } from '../journal/contract.ts';
import type { AfterCalls } from './after-calls.ts';
import { Asking, isWaiter, waiterOf, type Waiter } from './asking.ts';
import type { Authorizer, Call, Decision } from './authorizer.ts';
import { Caller } from './caller.ts';
import type { Callers } from './callers.ts';
import { outage, REFUSED_CREDENTIALS } from './decisions.ts';
import { LastVerdicts } from './last-verdicts.ts';
import { isPlausible } from './plausible.ts';
import { Telling } from './telling.ts';

export interface PerRequestSettings {
  /** For how long the backend's last word lets the next request pass before it is told of it, ms; 0: never. */
  readonly authsTtlMs: number;
}

export interface PerRequestDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly client: Pick<ThreescaleClient, 'authorize' | 'authrep'>;
  readonly connection: Pick<BackendConnection, 'open' | 'retryAfter'>;
  readonly journal: Journal;
  readonly callers: Callers;
  readonly afterCalls: AfterCalls;
}

/**
 * REPORTING_MODE=per-request: one authrep for each request. While the backend's last word on this caller and usage was
 * yes, the request passes and the call follows its response; else the call is made first. What could not be told to the
 * backend stays in the journal and is reported in a batch.
 */
export class PerRequestAuthorizer implements Authorizer {
  readonly #settings: PerRequestSettings;
  readonly #deps: PerRequestDeps;
  readonly #asking = new Asking();
  readonly #last: LastVerdicts;
  readonly #telling: Telling;

  constructor(settings: PerRequestSettings, deps: PerRequestDeps) {
    this.#settings = settings;
    this.#deps = deps;
    this.#last = new LastVerdicts(settings.authsTtlMs, deps);
    this.#telling = new Telling(deps, this.#last);
  }

  authorize(call: Call, resume: (decision: Decision) => void): Decision | null {
    const { credentials, service, usage } = call;
    if (!isPlausible(credentials)) return REFUSED_CREDENTIALS;
    const { callers, clock } = this.#deps;
    const caller = callers.find(service.id, credentials);
    if (caller !== undefined && this.#settings.authsTtlMs > 0) {
      const decision = this.#last.decide(caller, usage, clock.monotonic());
      if (decision !== null) {
        callers.counts[decision.allowed ? 'hit' : 'negative'] += 1;
        if (decision.allowed) this.#telling.admitUntold(call, caller);
        return decision;
      }
    }
    callers.counts.miss += 1;
    return this.#ask(caller ?? this.#asking.strangers.get(service.id, credentials) ?? null, call, resume);
  }

  abandon(call: Call): void {
    if (isWaiter(call.admission)) call.admission.gone = true;
  }

  takeBack(call: Call): void {
    this.#telling.takeBack(call);
  }

  finished(call: Call, status: number, failed: boolean): void {
    this.#telling.finished(call, status, failed);
  }

  settle(call: Call, metric: string, actual: number): void {
    this.#telling.settle(call, metric, actual);
  }

  commit(): boolean {
    return this.#deps.journal.commit();
  }

  /** Makes the call first. Others that want to know the same wait for its answer, and are told of after their responses. */
  #ask(known: Caller | null, call: Call, resume: (decision: Decision) => void): Decision | null {
    const shared = this.#settings.authsTtlMs > 0;
    if (known !== null && shared && this.#asking.isAsked(known, call.usage)) {
      this.#asking.wait(known, call, resume);
      return null;
    }
    if (this.#deps.connection.open || (known === null && this.#asking.full))
      return this.#withoutBackend(call, known, false);
    const caller = known ?? new Caller(call.service.id, call.credentials);
    if (known === null) this.#asking.strangers.add(caller);
    if (shared) this.#asking.begin(caller, call.usage);
    void this.#put(caller, waiterOf(call, resume), shared);
    return null;
  }

  async #put(caller: Caller, first: Waiter, shared: boolean): Promise<void> {
    const { client, clock } = this.#deps;
    const { call } = first;
    const { service, credentials, usage } = call;
    const sentAt = clock.monotonic();
    const state = this.#last.stateOf(caller, usage);
    // What counts only on success is not counted yet, nor what must stand behind requests that passed and are not told
    // of: then it is only asked whether all of them fit.
    const counts = !usage.onSuccess && !call.postPaid && state.untold === 0;
    const times = 1 + state.untold;
    const entries = usage.entries.map(({ metric, amount }) => ({ metric, amount: amount * times }));
    const question = { service, credentials, usage: entries, referrer: null };
    state.beingTold += 1;
    const answer = counts ? await client.authrep(question, null) : await client.authorize(question);
    state.beingTold -= 1;
    const verdict = scaled(answer, times);
    this.#asking.strangers.delete(caller);
    this.#last.learn(caller, call, verdict, sentAt);
    this.#resume(first, () => this.#firstDecision(call, caller, verdict, counts));
    if (!shared) return;
    for (const waiter of this.#asking.finish(caller, usage)) {
      this.#resume(waiter, () => this.#laterDecision(waiter, caller, verdict));
    }
  }

  /** For the request whose call was made: the backend has counted it when it said yes. */
  #firstDecision(call: Call, caller: Caller, verdict: Verdict, counted: boolean): Decision {
    if (verdict.kind === 'unavailable') return this.#withoutBackend(call, caller, counted && verdict.uncertain);
    const decision = this.#last.decisionOf(caller, call.usage, verdict);
    if (!decision.allowed) return decision;
    if (counted) this.#telling.admitTold(call, caller);
    else this.#telling.admitUntold(call, caller);
    return decision;
  }

  /** For one that waited for the answer to another's call. */
  #laterDecision(waiter: Waiter, caller: Caller, verdict: Verdict): Decision | null {
    const { call, resume } = waiter;
    if (verdict.kind === 'unavailable') return this.#withoutBackend(call, caller, false);
    const decision = this.#last.decide(caller, call.usage, this.#deps.clock.monotonic());
    // The answer leaves no room for this one: it needs a call of its own.
    if (decision === null) {
      void this.#put(caller, waiterOf(call, resume), false);
      return null;
    }
    if (decision.allowed) this.#telling.admitUntold(call, caller);
    return decision;
  }

  /** A fault ends one request and nothing else. */
  #resume(waiter: Waiter, decide: () => Decision | null): void {
    const { call, resume, gone } = waiter;
    call.admission = null;
    if (gone) return;
    try {
      const decision = decide();
      if (decision !== null) resume(decision);
    } catch (error) {
      this.#deps.log.error({ code: 'internal_error', error }, 'a request could not be resumed');
    }
  }

  /** What the service declared for an outage. `uncertain`: the backend may have counted this request. */
  #withoutBackend(call: Call, known: Caller | null, uncertain: boolean): Decision {
    const { service, usage, credentials } = call;
    const { callers, connection } = this.#deps;
    const caller = callers.find(service.id, credentials) ?? null;
    if (service.backendDown !== 'strict' && caller !== null && this.#last.mayBeStale(caller, service)) {
      callers.counts.stale += 1;
      const decision = this.#last.lastDecision(caller, usage);
      if (decision.allowed) this.#telling.admitUnreported(call, caller, uncertain);
      return decision;
    }
    if (service.backendDown !== 'allow') return outage(connection.retryAfter);
    const unvouched = caller ?? known ?? new Caller(service.id, credentials);
    callers.setKnown(unvouched, false);
    callers.admit(unvouched);
    const decision = this.#last.lastDecision(unvouched, usage);
    if (decision.allowed) this.#telling.admitUnreported(call, unvouched, uncertain);
    return decision;
  }
}

/** The answer as it would be for one request, where `times` of them were asked about. */
function scaled(verdict: Verdict, times: number): Verdict {
  if (times === 1 || verdict.kind !== 'allowed' || verdict.limits === null || verdict.limits.remaining < 0)
    return verdict;
  return { ...verdict, limits: { ...verdict.limits, remaining: verdict.limits.remaining * times } };
}
