import type { AuthorizeReply } from '../../../shared/wire/authorize.ts';
import type { Journal } from '../../journal/contract.ts';
import { SharedOwner } from '../../leases/shared-owner.ts';
import type { Call } from '../authorizer.ts';
import { CredentialCache } from '../credential-cache.ts';
import { Caller } from './caller.ts';
import { CallersByApplication } from './callers-by-application.ts';

/** Callers that one credential is kept apart into by referrer; beyond, the oldest is forgotten. */
const MAX_REFERRERS = 100;

export interface CallerBounds {
  /** Admitted, refused, and asked about for the first time: kept apart, so that made-up keys drive out nobody. */
  readonly admitted: number;
  readonly refused: number;
  readonly strangers: number;
}

export const DEFAULT_CALLER_BOUNDS: CallerBounds = { admitted: 100_000, refused: 10_000, strangers: 2_000 };

/** Every caller that was seen lately, by its credentials and by its application. Bounded. */
export class Callers {
  readonly #journal: Journal;
  readonly #admitted: CredentialCache<Caller>;
  readonly #refused: CredentialCache<Caller>;
  readonly #strangers: CredentialCache<Caller>;
  readonly #index = new CallersByApplication();

  constructor(journal: Journal, bounds: CallerBounds) {
    const forget = (caller: Caller): void => this.#forget(caller);
    this.#journal = journal;
    this.#admitted = new CredentialCache(bounds.admitted, forget);
    this.#refused = new CredentialCache(bounds.refused, forget);
    this.#strangers = new CredentialCache(bounds.strangers, forget);
  }

  get size(): number {
    return this.#admitted.size + this.#refused.size + this.#strangers.size;
  }

  get evictions(): number {
    return this.#admitted.evictions + this.#refused.evictions + this.#strangers.evictions;
  }

  /** Finds or makes it. */
  find({ service, credentials, referrer }: Call): Caller {
    const { id } = service;
    const known =
      this.#admitted.get(id, credentials) ?? this.#refused.get(id, credentials) ?? this.#strangers.get(id, credentials);
    if (known === undefined) {
      const stranger = new Caller(id, credentials, null);
      this.#strangers.add(stranger);
      return stranger;
    }
    if (known.byReferrer === null) return known;
    return known.byReferrer.get(referrer) ?? this.#addReferrer(known, known.byReferrer, referrer);
  }

  /** The backend answered the question about `asked`, which was put for `referrer`. Returns the caller whom the answer is about. */
  answered(asked: Caller, reply: AuthorizeReply, referrer: string | null, sentAt: number, required: number): Caller {
    let caller = asked;
    if (reply.byReferrer && asked.referrer === null) {
      asked.byReferrer ??= new Map();
      caller = asked.byReferrer.get(referrer) ?? this.#addReferrer(asked, asked.byReferrer, referrer);
    }
    this.#index.delete(caller);
    if (reply.application !== caller.application || caller.owner === null) this.#own(caller, reply.application);
    caller.apply(reply, sentAt, required);
    this.#index.add(caller);
    this.#place(asked);
    return caller;
  }

  /**
   * A change was named that may concern callers of the application (`*`: of every one of the service; null: of every
   * service). Refused callers of the service may be admitted by it, so those are asked anew.
   */
  outdate(service: string | null, application: string, heartbeatAt: number): void {
    for (const caller of this.#index.of(service, application)) caller.outdate(heartbeatAt);
    for (const caller of this.#index.takeDenied(service)) caller.distrust();
  }

  distrust(): void {
    for (const caller of this.#index.of(null, '*')) caller.distrust();
    for (const caller of this.#index.takeDenied(null)) caller.distrust();
  }

  #place(caller: Caller): void {
    const home = caller.denied ? this.#refused : this.#admitted;
    for (const cache of [this.#strangers, this.#refused, this.#admitted]) if (cache !== home) cache.delete(caller);
    if (home.get(caller.service, caller.credentials) !== caller) home.add(caller);
  }

  #own(caller: Caller, application: string | null): void {
    caller.owner?.retire();
    caller.owner = null;
    if (application === null) return;
    caller.owner = new SharedOwner(this.#journal, { service: caller.service, kind: 'application', id: application });
  }

  #addReferrer(root: Caller, referrers: Map<string | null, Caller>, referrer: string | null): Caller {
    if (referrers.size >= MAX_REFERRERS) {
      for (const [oldest, caller] of referrers) {
        referrers.delete(oldest);
        this.#forget(caller);
        break;
      }
    }
    const caller = new Caller(root.service, root.credentials, referrer);
    referrers.set(referrer, caller);
    return caller;
  }

  #forget(caller: Caller): void {
    this.#index.delete(caller);
    caller.owner?.retire();
    caller.owner = null;
    caller.prepared = [];
    caller.distrust();
    for (const referred of caller.byReferrer?.values() ?? []) this.#forget(referred);
  }
}
