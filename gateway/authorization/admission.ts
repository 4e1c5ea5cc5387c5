import type { HoldNumber, Journal, MetricHandle } from '../journal/contract.ts';
import type { UsageEntry } from '../rules/usage.ts';
import type { Call } from './authorizer.ts';
import type { Caller, OwnerRef, UsageState } from './caller.ts';
import type { Callers } from './callers.ts';

/** Usage whose outcome is known after the answer: it counts only on success, or its amount was a reservation. */
interface Hold {
  readonly number: HoldNumber;
  readonly metric: MetricHandle;
  readonly entry: UsageEntry;
  /** What was really used. */
  actual: number;
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
    const holds: Hold[] | null = call.usage.onSuccess || call.postPaid ? [] : null;
    for (const [index, entry] of call.usage.entries.entries()) {
      const metric = state.metrics[index];
      if (metric === undefined) continue;
      const { amount } = entry;
      if (holds === null || (entry.onSuccess !== true && !call.postPaid)) {
        this.#journal.use(owner.handle, metric, now, amount, amount, 0);
      } else {
        holds.push({ number: this.#journal.hold(owner.handle, metric, now, amount), metric, entry, actual: amount });
      }
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

  /** Of the metric, `actual` units were used instead of those reserved. */
  settle(call: Call, metric: string, actual: number): void {
    const { admission } = call;
    if (!(admission instanceof Admission)) return;
    const hold = admission.holds?.find(({ entry }) => entry.metric === metric);
    if (hold !== undefined) hold.actual = actual;
  }

  #resolve({ caller, owner, at }: Admission, holds: readonly Hold[], success: boolean): void {
    const back: UsageEntry[] = [];
    for (const { number, metric, entry, actual } of holds) {
      const used = success || entry.onSuccess !== true ? actual : 0;
      if (used > 0) this.#journal.settle(owner.handle, metric, at, used, used, 0);
      if (used !== entry.amount) back.push({ metric: entry.metric, amount: entry.amount - used });
      this.#journal.resolve(number);
    }
    if (back.length > 0) caller.limits.takeBack(caller.limits.charges(back), at);
  }
}
