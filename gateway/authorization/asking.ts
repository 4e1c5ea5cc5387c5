import type { Usage } from '../rules/usage.ts';
import type { Call, Decision } from './authorizer.ts';
import type { Caller } from './caller.ts';
import { CredentialCache } from './credential-cache.ts';

/** A request that waits for the backend. */
export interface Waiter {
  readonly call: Call;
  readonly resume: (decision: Decision) => void;
  /** Nobody waits any more. */
  gone: boolean;
}

/** Callers that are asked about for the first time; more are refused as an outage. */
const MAX_STRANGERS = 1_024;

/** One question about a caller and a usage at a time, however many requests wait for the answer. */
export class Asking {
  /** Callers of whom nothing is known yet. */
  readonly strangers = new CredentialCache<Caller>(MAX_STRANGERS + 1, () => undefined);
  readonly #questions = new Map<Caller, Map<Usage, Waiter[]>>();

  get full(): boolean {
    return this.strangers.size >= MAX_STRANGERS;
  }

  isAsked(caller: Caller, usage: Usage): boolean {
    return this.#questions.get(caller)?.has(usage) === true;
  }

  /** Begins a question. `finish` must follow. */
  begin(caller: Caller, usage: Usage): void {
    let usages = this.#questions.get(caller);
    if (usages === undefined) this.#questions.set(caller, (usages = new Map<Usage, Waiter[]>()));
    usages.set(usage, []);
  }

  wait(caller: Caller, call: Call, resume: (decision: Decision) => void): void {
    const waiter = waiterOf(call, resume);
    this.#questions.get(caller)?.get(call.usage)?.push(waiter);
  }

  /** Ends a question; who still waits for it is to be told. */
  finish(caller: Caller, usage: Usage): readonly Waiter[] {
    const usages = this.#questions.get(caller);
    const waiters = usages?.get(usage) ?? [];
    usages?.delete(usage);
    if (usages?.size === 0) this.#questions.delete(caller);
    return waiters;
  }
}

export function waiterOf(call: Call, resume: (decision: Decision) => void): Waiter {
  const waiter = { call, resume, gone: false };
  call.admission = waiter;
  return waiter;
}

export function isWaiter(admission: unknown): admission is Waiter {
  return typeof admission === 'object' && admission !== null && 'resume' in admission;
}
