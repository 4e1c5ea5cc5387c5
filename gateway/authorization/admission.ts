import type { HoldNumber, Journal, MetricHandle } from '../journal/contract.ts';
import type { Call } from './authorizer.ts';
import type { Caller, OwnerRef, UsageState } from './caller.ts';
import type { Callers } from './callers.ts';

/** Usage that counts only if the answer is a success. */
interface Hold {
  readonly number: HoldNumber;
  readonly metric: MetricHandle;
  readonly amount: number;
}

/** What the authorizer keeps of a request that it admitted. */
export class Admission {
  readonly caller: Caller;
  readonly owner: OwnerRef;
  readonly state: UsageState;
  /** When it was admitted, ms since the epoch: its usage is dated then. */
  readonly at: number;
  readonly holds: readonly Hold[] | null;

  constructor(caller: Caller, owner: OwnerRef, state: UsageState, at: number, holds: readonly Hold[] | null) {
    this.caller = caller;
    this.owner = owner;
    this.state = state;
    this.at = at;
    this.holds = holds;
  }
}

/** Counts usage here and in the journal, and takes it back. */
export class Counting {
  readonly #callers: Callers;
  readonly #journal: Journal;

  constructor(callers: Callers, journal: Journal) {
    this.#callers = callers;
    this.#journal = journal;
  }

  /** Counts an admitted request. */
  admit(call: Call, caller: Caller, state: UsageState, now: number): void {
    const owner = this.#callers.enter(caller);
    caller.limits.count(state.chargesFor(caller.limits), this.#journal.sequence);
    state.callsLeft -= 1;
    const holds: Hold[] | null = call.usage.onSuccess ? [] : null;
    for (const [index, { amount, onSuccess }] of call.usage.entries.entries()) {
      const metric = state.metrics[index];
      if (metric === undefined) continue;
      if (onSuccess !== true) this.#journal.use(owner.handle, metric, now, amount, amount, 0);
      else holds?.push({ number: this.#journal.hold(owner.handle, metric, now, amount), metric, amount });
    }
    call.admission = new Admission(caller, owner, state, now, holds);
  }

  /** It was never sent on, and the journal has forgotten it. */
  takeBack(call: Call): void {
    const { admission } = call;
    if (!(admission instanceof Admission)) return;
    call.admission = null;
    const { caller, state, at, owner } = admission;
    caller.limits.takeBack(state.chargesFor(caller.limits), at);
    state.callsLeft += 1;
    this.#callers.leave(owner);
  }

  /** The answer is known. */
  finished(call: Call, status: number, failed: boolean): void {
    const { admission } = call;
    if (!(admission instanceof Admission)) return;
    call.admission = null;
    const { owner, at, state, holds } = admission;
    if (holds !== null) this.#resolve(admission, holds, !failed && status >= 200 && status < 400);
    if (status > 0 && state.metrics.length > 0) this.#journal.code(owner.handle, at, status);
    this.#callers.leave(owner);
  }

  #resolve({ caller, state, owner, at }: Admission, holds: readonly Hold[], success: boolean): void {
    if (!success) {
      state.chargesFor(caller.limits);
      caller.limits.takeBack(state.conditional, at);
    }
    for (const { number, metric, amount } of holds) {
      if (success) this.#journal.settle(owner.handle, metric, at, amount, amount, 0);
      this.#journal.resolve(number);
    }
  }
}
