import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import type { BackendConnection } from '../backend-client/connection.ts';
import type { ThreescaleClient } from '../backend-client/threescale.ts';
import type { Verdict } from '../backend-client/verdict.ts';
import type { Journal } from '../journal/contract.ts';
import { Counting } from './admission.ts';
import { Asking, isWaiter, waiterOf, type Waiter } from './asking.ts';
import type { Authorizer, Call, Decision } from './authorizer.ts';
import { Caller } from './caller.ts';
import type { Callers } from './callers.ts';
import { LocalDecider } from './local-decider.ts';
import { REFUSED_CREDENTIALS, outage } from './decisions.ts';
import { isPlausible } from './plausible.ts';

export interface BatchedSettings {
  /** For how long the backend's word holds, ms; 0: it is asked for every request. */
  readonly authsTtlMs: number;
}

export interface BatchedDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly client: Pick<ThreescaleClient, 'authorize'>;
  readonly connection: Pick<BackendConnection, 'open' | 'retryAfter'>;
  readonly journal: Journal;
  readonly callers: Callers;
  /** Highest sequence whose usage the backend had counted when a question was sent (monotonic ms). */
  readonly reportedUpTo: (sentAt: number) => number;
  readonly random?: () => number;
}

/**
 * REPORTING_MODE=batched: the backend is asked once per caller and kind of usage, then limits are counted here against
 * what it said, until AUTHS_TTL is over. Before that is over a busy caller is asked about again in the background, so
 * that its requests never wait.
 */
export class BatchedAuthorizer implements Authorizer {
  readonly #settings: BatchedSettings;
  readonly #deps: BatchedDeps;
  readonly #asking = new Asking();
  readonly #counting: Counting;
  readonly #local: LocalDecider;

  constructor(settings: BatchedSettings, deps: BatchedDeps) {
    this.#settings = settings;
    this.#deps = deps;
    this.#counting = new Counting(deps.callers, deps.journal);
    this.#local = new LocalDecider(settings, deps);
  }

  authorize(call: Call, resume: (decision: Decision) => void): Decision | null {
    const { credentials, service } = call;
    if (!isPlausible(credentials)) return REFUSED_CREDENTIALS;
    const { callers, clock } = this.#deps;
    const caller = callers.find(service.id, credentials);
    if (caller !== undefined && this.#settings.authsTtlMs > 0) {
      const now = clock.monotonic();
      const decision = this.#local.decide(caller, call.usage, now);
      if (decision !== null) {
        callers.counts[caller.refusal === null ? 'hit' : 'negative'] += 1;
        if (now >= caller.refreshAt && !this.#asking.isAsked(caller, call.usage)) this.#refresh(caller, call, now);
        return this.#admitted(call, caller, decision);
      }
    }
    callers.counts.miss += 1;
    return this.#ask(caller ?? this.#asking.strangers.get(service.id, credentials) ?? null, call, resume);
  }

  abandon(call: Call): void {
    if (isWaiter(call.admission)) call.admission.gone = true;
  }

  takeBack(call: Call): void {
    this.#counting.takeBack(call);
  }

  finished(call: Call, status: number, failed: boolean): void {
    this.#counting.finished(call, status, failed);
  }

  settle(call: Call, metric: string, actual: number): void {
    this.#counting.settle(call, metric, actual);
  }

  commit(): boolean {
    return this.#deps.journal.commit();
  }

  /** Asks the backend, once for all that want to know the same; at once when it is known not to answer. */
  #ask(known: Caller | null, call: Call, resume: (decision: Decision) => void): Decision | null {
    const { connection } = this.#deps;
    const each = this.#settings.authsTtlMs === 0;
    if (known !== null && !each && this.#asking.isAsked(known, call.usage)) {
      this.#asking.wait(known, call, resume);
      return null;
    }
    if (connection.open || (known === null && this.#asking.full)) return this.#withoutBackend(call, known);
    const caller = known ?? this.#stranger(call);
    // With a time-to-live of 0 each request has a question of its own.
    if (each) {
      const waiter = waiterOf(call, resume);
      void this.#put(caller, call, () => [waiter]);
      return null;
    }
    this.#asking.begin(caller, call.usage);
    this.#asking.wait(caller, call, resume);
    void this.#put(caller, call, () => this.#asking.finish(caller, call.usage));
    return null;
  }

  #refresh(caller: Caller, call: Call, now: number): void {
    // Whatever becomes of it: not again with the next request.
    caller.refreshAt = now + Math.max(50, this.#settings.authsTtlMs / 20);
    if (this.#deps.connection.open) return;
    this.#asking.begin(caller, call.usage);
    void this.#put(caller, call, () => this.#asking.finish(caller, call.usage));
  }

  #stranger(call: Call): Caller {
    const caller = new Caller(call.service.id, call.credentials);
    this.#asking.strangers.add(caller);
    return caller;
  }

  /** One question, and what follows from its answer for those who wait for it. */
  async #put(caller: Caller, call: Call, waiters: () => readonly Waiter[]): Promise<void> {
    const { client, clock } = this.#deps;
    const { service, credentials, usage } = call;
    const sentAt = clock.monotonic();
    const verdict = await client.authorize({ service, credentials, usage: usage.entries, referrer: null });
    this.#asking.strangers.delete(caller);
    this.#local.learn(caller, call, verdict, sentAt);
    for (const waiter of waiters()) {
      if (!waiter.gone) this.#resume(waiter, caller, verdict);
    }
  }

  /** A fault here ends one request, as an outage, and nothing else. */
  #resume(waiter: Waiter, caller: Caller, verdict: Verdict): void {
    const { call, resume } = waiter;
    call.admission = null;
    try {
      resume(
        verdict.kind === 'unavailable'
          ? this.#withoutBackend(call, caller)
          : this.#admitted(call, caller, this.#local.decideNow(caller, call.usage)),
      );
    } catch (error) {
      this.#deps.log.error({ code: 'internal_error', error }, 'a request could not be resumed');
    }
  }

  /** The backend does not answer: what the service declared for that (BACKEND_DOWN). */
  #withoutBackend(call: Call, caller: Caller | null): Decision {
    const { backendDown } = call.service;
    const known = this.#deps.callers.find(call.service.id, call.credentials) ?? null;
    if (backendDown !== 'strict' && known !== null && this.#local.mayBeStale(known, call.service)) {
      this.#deps.callers.counts.stale += 1;
      return this.#admitted(call, known, this.#local.decideNow(known, call.usage));
    }
    if (backendDown !== 'allow') return outage(this.#deps.connection.retryAfter);
    const unvouched = known ?? caller ?? new Caller(call.service.id, call.credentials);
    return this.#admitted(call, unvouched, this.#local.decideUnvouched(unvouched, call.usage));
  }

  #admitted(call: Call, caller: Caller, decision: Decision): Decision {
    if (!decision.allowed) return decision;
    const state = this.#local.stateOf(caller, call.usage);
    this.#counting.admit(call, caller, state, this.#deps.clock.now());
    if (decision.headers !== '' || state.charges.length === 0) return decision;
    return { allowed: true, headers: caller.limits.fields(state.charges, this.#deps.clock.now()) };
  }
}
