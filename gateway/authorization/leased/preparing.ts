import type { Journal } from '../../journal/contract.ts';
import type { LeaseClient } from '../../leases/lease-client.ts';
import { SharedOwner } from '../../leases/shared-owner.ts';
import type { Slot } from '../../leases/slot.ts';
import type { Usage } from '../../rules/usage.ts';
import type { Call } from '../authorizer.ts';
import type { Decision } from '../decision.ts';
import type { Caller } from './caller.ts';
import { DISABLED, REFUSED_CREDENTIALS } from '../decisions.ts';
import { Prepared } from './prepared.ts';
import type { PreparedEntry } from './prepared.ts';

/** Resolves what calls of one kind are decided and counted with, once. */
export class Preparing {
  readonly #client: LeaseClient;
  readonly #journal: Journal;

  constructor(client: LeaseClient, journal: Journal) {
    this.#client = client;
    this.#journal = journal;
  }

  /** What is prepared already; the way of nearly every request. */
  known(caller: Caller, call: Call): Prepared | undefined {
    return caller.rules === call.service.rules ? caller.prepared[call.usage.index] : undefined;
  }

  /** Null: the caller's terms say nothing of some metric yet. `full`: no more applications and metrics can be held. */
  prepare(caller: Caller, call: Call, now: number): Prepared | null | 'full' {
    if (caller.application === null || caller.owner === null) return null;
    if (caller.rules !== call.service.rules) {
      caller.rules = call.service.rules;
      caller.prepared = [];
    }
    const entries: PreparedEntry[] = [];
    let refused: Decision | null = null;
    for (const { metric, amount, onSuccess } of call.usage.entries) {
      const terms = caller.terms.get(metric);
      if (terms === undefined) return null;
      if (!terms.known) refused = REFUSED_CREDENTIALS;
      else if (terms.disabled) refused ??= DISABLED;
      let slot: Slot | null = null;
      if (refused === null && terms.period !== null) {
        slot = this.#client.slots.get(caller.service, caller.application, metric, now);
        if (slot === null) return 'full';
      }
      entries.push({ slot, metric: this.#journal.metric(metric), amount, onSuccess: onSuccess === true });
    }
    const prepared = new Prepared(caller.owner, call.usage, entries, refused);
    caller.prepared[call.usage.index] = prepared;
    return prepared;
  }

  /** Everything unlimited: for calls that are served without the backend. Null: it cannot be said whose usage it is. */
  withoutTerms(caller: Caller, usage: Usage): Prepared | null {
    const owner = caller.owner ?? this.#ownerByCredentials(caller);
    if (owner === null) return null;
    const entries = usage.entries.map(({ metric, amount, onSuccess }) => ({
      slot: null,
      metric: this.#journal.metric(metric),
      amount,
      onSuccess: onSuccess === true,
    }));
    return new Prepared(owner, usage, entries, null);
  }

  /** Of a caller that nobody vouched for: its usage stands under its credentials, for the backend to resolve. Serves one call. */
  #ownerByCredentials({ service, credentials }: Caller): SharedOwner | null {
    if (credentials.kind === 'token') return null;
    const id = credentials.kind === 'user_key' ? credentials.userKey : credentials.appId;
    return new SharedOwner(this.#journal, { service, kind: credentials.kind, id, known: false });
  }
}
