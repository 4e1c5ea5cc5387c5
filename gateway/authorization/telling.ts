import type { Clock } from '../../shared/clock.ts';
import type { Verdict } from '../backend-client/verdict.ts';
import type { HoldNumber, Journal, MetricHandle } from '../journal/contract.ts';
import type { UsageEntry } from '../rules/usage.ts';
import type { AfterCalls } from './after-calls.ts';
import type { Call } from './authorizer.ts';
import type { Caller, OwnerRef, UsageState } from './caller.ts';
import type { Callers } from './callers.ts';
import type { LastVerdicts } from './last-verdicts.ts';

export interface TellingDeps {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly callers: Callers;
  readonly afterCalls: AfterCalls;
}

interface Held {
  readonly number: HoldNumber;
  readonly metric: MetricHandle;
  readonly entry: UsageEntry;
  /** What was really used. */
  actual: number;
}

/** What is kept of an admitted request of which the backend has to be told. */
class Untold {
  readonly caller: Caller;
  readonly owner: OwnerRef;
  readonly state: UsageState;
  readonly at: number;
  readonly held: readonly Held[];

  constructor(caller: Caller, owner: OwnerRef, state: UsageState, at: number, held: readonly Held[]) {
    this.caller = caller;
    this.owner = owner;
    this.state = state;
    this.at = at;
    this.held = held;
  }
}

/** Sees to it that the backend is told of every admitted request once, by a call of its own or by the journal. */
export class Telling {
  readonly #deps: TellingDeps;
  readonly #last: LastVerdicts;

  constructor(deps: TellingDeps, last: LastVerdicts) {
    this.#deps = deps;
    this.#last = last;
  }

  /** The backend has counted it in answering. */
  admitTold(call: Call, caller: Caller): void {
    this.#last.stateOf(caller, call.usage);
    call.admission = null;
  }

  /** The backend is told after the response. Until then the journal holds the usage. */
  admitUntold(call: Call, caller: Caller): void {
    const { clock, journal, callers } = this.#deps;
    const state = this.#last.stateOf(caller, call.usage);
    const owner = callers.enter(caller);
    const now = clock.now();
    const held: Held[] = [];
    for (const [index, entry] of call.usage.entries.entries()) {
      const metric = state.metrics[index];
      if (metric !== undefined)
        held.push({
          number: journal.hold(owner.handle, metric, now, entry.amount),
          metric,
          entry,
          actual: entry.amount,
        });
    }
    state.untold += 1;
    state.callsLeft -= 1;
    call.admission = new Untold(caller, owner, state, now, held);
  }

  /** The backend is away: the journal reports it. `uncertain`: unless the backend has counted it already, nobody knows. */
  admitUnreported(call: Call, caller: Caller, uncertain: boolean): void {
    const { clock, journal, callers } = this.#deps;
    const state = this.#last.stateOf(caller, call.usage);
    const owner = callers.enter(caller);
    const now = clock.now();
    for (const [index, { amount, onSuccess }] of call.usage.entries.entries()) {
      const metric = state.metrics[index];
      if (metric === undefined) continue;
      if (uncertain && onSuccess !== true) journal.setAside(owner.handle, metric, now, amount);
      else journal.use(owner.handle, metric, now, amount, amount, 0);
    }
    callers.leave(owner);
    call.admission = null;
  }

  takeBack(call: Call): void {
    const { admission } = call;
    if (!(admission instanceof Untold)) return;
    call.admission = null;
    admission.state.untold -= 1;
    admission.state.callsLeft += 1;
    this.#deps.callers.leave(admission.owner);
  }

  /** The response is over: now the backend is told. */
  finished(call: Call, status: number, failed: boolean): void {
    const { admission } = call;
    if (!(admission instanceof Untold)) return;
    call.admission = null;
    const { journal, afterCalls } = this.#deps;
    const success = !failed && status >= 200 && status < 400;
    const counted = admission.held.filter(({ entry, actual }) => actual > 0 && (success || entry.onSuccess !== true));
    for (const held of admission.held) if (!counted.includes(held)) journal.resolve(held.number);
    if (counted.length === 0) return this.#over(admission);
    const { service, credentials } = call;
    const token = { id: service.id, tokenKind: service.tokenKind, token: service.token };
    const usage = counted.map(({ entry, actual }) => ({ metric: entry.metric, amount: actual }));
    const sentAt = this.#deps.clock.monotonic();
    afterCalls.push({
      call: { question: { service: token, credentials, usage, referrer: null }, code: status > 0 ? status : null },
      sending: () => counted.forEach(({ number }) => journal.sending(number)),
      done: (verdict) => this.#told(call, admission, counted, verdict, sentAt),
    });
  }

  /** Of the metric, `actual` units were used instead of those reserved. */
  settle(call: Call, metric: string, actual: number): void {
    const { admission } = call;
    if (!(admission instanceof Untold)) return;
    const held = admission.held.find(({ entry }) => entry.metric === metric);
    if (held !== undefined) held.actual = actual;
  }

  #told(call: Call, admission: Untold, counted: readonly Held[], verdict: Verdict | null, sentAt: number): void {
    const { caller } = admission;
    this.#over(admission);
    this.#record(admission, counted, verdict);
    if (verdict !== null) this.#last.learn(caller, call, verdict, sentAt);
  }

  /** Brings the journal into line with what came of the call. */
  #record({ owner, at, caller }: Untold, counted: readonly Held[], verdict: Verdict | null): void {
    const { journal, callers } = this.#deps;
    // Served, and the backend would not count it (over a limit, refused since): reported, because it was used.
    const refused = verdict?.kind === 'refused';
    const handle = refused ? journal.owner(callers.unvouched(caller)) : owner.handle;
    for (const { number, metric, actual } of counted) {
      if (verdict?.kind === 'unavailable' && verdict.uncertain) journal.setAside(handle, metric, at, actual);
      else if (verdict?.kind !== 'allowed') journal.settle(handle, metric, at, actual, actual, 0);
      journal.resolve(number);
    }
    if (refused) journal.releaseOwner(handle);
  }

  #over({ state, owner }: Untold): void {
    state.untold -= 1;
    this.#deps.callers.leave(owner);
  }
}
