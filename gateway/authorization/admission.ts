import type { HoldNumber, Journal } from '../journal/contract.ts';
import type { Call } from './authorizer.ts';
import type { Caller, OwnerRef, UsageState } from './caller.ts';
import type { Callers } from './callers.ts';

/** What the authorizer keeps of a request that it admitted. */
export class Admission {
  readonly caller: Caller;
  readonly owner: OwnerRef;
  readonly state: UsageState;
  /** When it was admitted, ms since the epoch: its usage is dated then. */
  readonly at: number;
  /** Usage that counts only if the answer is a success. */
  readonly holds: readonly HoldNumber[] | null;

  constructor(caller: Caller, owner: OwnerRef, state: UsageState, at: number, holds: readonly HoldNumber[] | null) {
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
    const { usage } = call;
    const owner = this.#callers.enter(caller);
    caller.limits.count(state.chargesFor(caller.limits), this.#journal.sequence);
    state.callsLeft -= 1;
    const holds: HoldNumber[] | null = usage.onSuccess ? [] : null;
    for (const [index, { amount }] of usage.entries.entries()) {
      const metric = state.metrics[index];
      if (metric === undefined) continue;
      if (holds === null) this.#journal.use(owner.handle, metric, now, amount, amount, 0);
      else holds.push(this.#journal.hold(owner.handle, metric, now, amount));
    }
    call.admission = new Admission(caller, owner, state, now, holds);
  }

  /** It was never sent on, and the journal has forgotten it. */
  takeBack(call: Call): void {
    const { admission } = call;
    if (!(admission instanceof Admission)) return;
    call.admission = null;
    this.#uncount(admission);
    this.#callers.leave(admission.owner);
  }

  /** The answer is known. */
  finished(call: Call, status: number, failed: boolean): void {
    const { admission } = call;
    if (!(admission instanceof Admission)) return;
    call.admission = null;
    const { owner, at, state, holds } = admission;
    if (holds !== null) {
      const success = !failed && status >= 200 && status < 400;
      if (success) this.#settleAll(call, admission);
      else this.#uncount(admission);
      for (const hold of holds) this.#journal.resolve(hold);
    }
    if (status > 0 && state.metrics.length > 0) this.#journal.code(owner.handle, at, status);
    this.#callers.leave(owner);
  }

  #settleAll(call: Call, { owner, state, at }: Admission): void {
    for (const [index, { amount }] of call.usage.entries.entries()) {
      const metric = state.metrics[index];
      if (metric !== undefined) this.#journal.settle(owner.handle, metric, at, amount, amount, 0);
    }
  }

  #uncount({ caller, state, at }: Admission): void {
    caller.limits.takeBack(state.chargesFor(caller.limits), at);
    state.callsLeft += 1;
  }
}
