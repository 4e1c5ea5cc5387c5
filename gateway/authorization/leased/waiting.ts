import type { Slot, Waiter } from '../../leases/slot.ts';
import type { Call, Decision } from '../authorizer.ts';
import type { Caller } from './caller.ts';

/** A request that waits for an answer of the backend: about its caller, or for units of a metric. */
export class Waiting implements Waiter {
  readonly call: Call;
  caller: Caller;
  /** Monotonic time by which it is answered in any case. */
  readonly deadline: number;
  readonly resume: (decision: Decision) => void;
  /** Units of the metric that it waits for. */
  amount = 0;
  /** Null: it waits for its caller. */
  slot: Slot | null = null;
  over = false;

  constructor(call: Call, caller: Caller, deadline: number, resume: (decision: Decision) => void) {
    this.call = call;
    this.caller = caller;
    this.deadline = deadline;
    this.resume = resume;
  }
}

/** Every waiting request, in the order of their deadlines. Bounded. */
export class WaitingRoom {
  readonly #max: number;
  readonly #all = new Set<Waiting>();

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#all.size;
  }

  get full(): boolean {
    return this.#all.size >= this.#max;
  }

  add(waiting: Waiting): void {
    this.#all.add(waiting);
  }

  /** It is answered or nobody waits any more: leaves every queue. */
  leave(waiting: Waiting): void {
    waiting.over = true;
    this.#all.delete(waiting);
    remove(waiting.caller.waiting, waiting);
    if (waiting.slot !== null) remove(waiting.slot.waiters, waiting);
    waiting.slot = null;
  }

  /** Those whose time is over. All wait equally long, so the first whose is not ends the search. */
  overdue(now: number): Waiting[] {
    const overdue: Waiting[] = [];
    for (const waiting of this.#all) {
      if (waiting.deadline > now) break;
      overdue.push(waiting);
    }
    return overdue;
  }

  get everyone(): readonly Waiting[] {
    return [...this.#all];
  }
}

function remove<T>(queue: T[], item: T): void {
  if (queue[0] === item) queue.shift();
  else {
    const index = queue.indexOf(item);
    if (index >= 0) queue.splice(index, 1);
  }
}
