import type { LeaseClient } from '../../leases/lease-client.ts';
import type { Call, Decision } from '../authorizer.ts';
import { outage } from '../decisions.ts';
import type { Admissions } from './admissions.ts';
import type { Caller } from './caller.ts';
import { limitsDecision } from './headers.ts';
import { servesWithout } from './policy.ts';
import type { Prepared } from './prepared.ts';
import type { Preparing } from './preparing.ts';
import type { Tallies } from './tallies.ts';

/** Nothing could be decided: try again in a second. */
const OUTAGE = outage(1);

export interface OutagesDeps {
  readonly client: LeaseClient;
  readonly admissions: Admissions;
  readonly preparing: Preparing;
  readonly tallies: Tallies;
}

/** Decisions that are made without asking: refusals that are remembered, and what the service declared for an outage. */
export class Outages {
  readonly #deps: OutagesDeps;

  constructor(deps: OutagesDeps) {
    this.#deps = deps;
  }

  /** Somebody asked lately for as many units, and they were not there; null: nobody did. */
  refusal(prepared: Prepared, now: number): Decision | null {
    const { client, tallies } = this.#deps;
    for (const { slot, amount } of prepared.entries) {
      const refusal = slot?.refusal ?? null;
      if (refusal === null || now >= refusal.until || amount < refusal.amount) continue;
      if (refusal.lease.unspent >= amount && client.spendable(refusal.lease, now)) continue;
      tallies.limited += 1;
      if (refusal.elsewhere) tallies.limitedElsewhere += 1;
      return limitsDecision(refusal, client.remaining(refusal.lease, now), client.link.time.at(now));
    }
    return null;
  }

  /** The backend does not answer: what the service declared for that (BACKEND_DOWN). */
  decide(call: Call, caller: Caller, now: number): Decision {
    const { client, admissions, preparing, tallies } = this.#deps;
    if (!servesWithout(call, caller, now - client.confirmedAt(caller))) return this.outage();
    const known = preparing.known(caller, call);
    const refused = known === undefined ? null : (known.refused ?? this.refusal(known, now));
    if (refused !== null) return refused;
    const prepared = preparing.withoutTerms(caller, call.usage);
    if (prepared === null) return this.outage();
    tallies.unleased += 1;
    const decision = admissions.admitUnleased(call, prepared, now);
    if (caller.owner === null) prepared.owner.retire();
    return decision;
  }

  outage(): Decision {
    this.#deps.tallies.outages += 1;
    return OUTAGE;
  }
}
