import type { Clock } from '../../shared/clock.ts';
import type { ThreescaleClient } from '../backend-client/threescale.ts';
import type { Verdict } from '../backend-client/verdict.ts';
import type { Journal } from '../journal/contract.ts';
import { sendAuthreps, type AuthrepCall } from '../reporting/authreps.ts';
import type { Threads } from '../reporting/pool.ts';
import type { CallLog } from '../reporting/task.ts';

/** Calls that go to a thread together: one dispatch costs the event loop as much as a request. */
const GROUP = 64;
/** Calls that the event loop has under way at a time, when no thread is free. */
const IN_LOOP = 64;
/** Calls that wait; what comes beyond is reported in a batch instead. */
const MAX_WAITING = 10_000;
const UNCERTAIN: Verdict = { kind: 'unavailable', code: null, uncertain: true };

/** An authrep that is due now that its response is over. */
export interface DueCall {
  readonly call: AuthrepCall;
  /** Marks in the journal that the backend may have counted it from now on. */
  sending(): void;
  /** What came of it; null: it was not made. */
  done(verdict: Verdict | null): void;
}

export interface AfterCallsDeps {
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'flush'>;
  readonly pool: Threads;
  readonly client: Pick<ThreescaleClient, 'authrep'>;
  /** The backend is known not to answer: nothing is tried. */
  readonly backendDown: () => boolean;
  readonly observe: (calls: CallLog) => void;
}

/** Makes the authreps that come after responses: in a reporting thread while one is free, else in the event loop. */
export class AfterCalls {
  readonly deliveries = { thread: 0, loop: 0 };
  readonly #deps: AfterCallsDeps;
  #waiting: DueCall[] = [];
  #inLoop = 0;
  #underWay = 0;
  #scheduled = false;
  #idle: (() => void) | null = null;

  constructor(deps: AfterCallsDeps) {
    this.#deps = deps;
  }

  /** Calls that wait or are under way. */
  get size(): number {
    return this.#waiting.length + this.#underWay;
  }

  /** Takes a call; it is made after this tick, with others. */
  push(due: DueCall): void {
    if (this.#waiting.length >= MAX_WAITING || this.#deps.backendDown()) due.done(null);
    else {
      this.#waiting.push(due);
      if (this.#scheduled) return;
      this.#scheduled = true;
      this.#deps.clock.after(0, () => this.#flush());
    }
  }

  /** Gives up what waits, and resolves when nothing is under way any more, or after `ms`. */
  async stop(ms: number): Promise<void> {
    for (const due of this.#waiting.splice(0)) due.done(null);
    if (this.#underWay === 0 || ms <= 0) return;
    await new Promise<void>((resolve) => {
      const timer = this.#deps.clock.after(ms, resolve);
      this.#idle = () => {
        timer.cancel();
        resolve();
      };
    });
  }

  #flush(): void {
    this.#scheduled = false;
    while (this.#waiting.length > 0) {
      const inThread = this.#deps.pool.free;
      if (!inThread && this.#inLoop >= IN_LOOP) return;
      const group = this.#waiting.splice(0, inThread ? GROUP : IN_LOOP - this.#inLoop);
      for (const due of group) due.sending();
      // What is not known to be marked as sent must not be sent: it could be counted twice after a crash.
      if (this.#deps.journal.flush()) void (inThread ? this.#byThread(group) : this.#byLoop(group));
      else for (const due of group) due.done(null);
    }
  }

  async #byThread(group: readonly DueCall[]): Promise<void> {
    this.#underWay += group.length;
    const answer = await this.#deps.pool.run({ kind: 'authreps', group: group.map(({ call }) => call) });
    if (answer !== null) this.#deps.observe(answer.calls);
    this.#finish(group, answer?.verdicts ?? [], 'thread');
  }

  async #byLoop(group: readonly DueCall[]): Promise<void> {
    this.#underWay += group.length;
    this.#inLoop += group.length;
    const verdicts = await sendAuthreps(
      group.map(({ call }) => call),
      this.#deps.client,
    );
    this.#inLoop -= group.length;
    this.#finish(group, verdicts, 'loop');
  }

  #finish(group: readonly DueCall[], verdicts: readonly Verdict[], by: 'thread' | 'loop'): void {
    this.#underWay -= group.length;
    this.deliveries[by] += verdicts.filter(({ kind }) => kind !== 'unavailable').length;
    for (const [index, due] of group.entries()) due.done(verdicts[index] ?? UNCERTAIN);
    this.#flush();
    if (this.#underWay === 0) this.#idle?.();
  }
}
