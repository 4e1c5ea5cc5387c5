import type { Journal, UsageOwner } from '../journal/contract.ts';
import type { Credentials } from './authorizer.ts';
import { OwnerRef, type Caller } from './caller.ts';
import { CredentialCache } from './credential-cache.ts';

/** Callers that are remembered: those the backend vouched for, and those it refused, apart, so that a flood of made-up keys drives out nobody. */
const MAX_ADMITTED = 50_000;
const MAX_REFUSED = 10_000;

/** Figures for the metrics. */
export interface CallerCounts {
  hit: number;
  miss: number;
  stale: number;
  negative: number;
}

/** Memory of callers. */
export class Callers {
  readonly counts: CallerCounts = { hit: 0, miss: 0, stale: 0, negative: 0 };
  readonly #admitted = new CredentialCache<Caller>(MAX_ADMITTED, (caller) => this.#retire(caller));
  readonly #refused = new CredentialCache<Caller>(MAX_REFUSED, (caller) => this.#retire(caller));
  readonly #journal: Journal;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  get size(): number {
    return this.#admitted.size + this.#refused.size;
  }

  get evictions(): number {
    return this.#admitted.evictions + this.#refused.evictions;
  }

  find(service: string, credentials: Credentials): Caller | undefined {
    return this.#admitted.get(service, credentials) ?? this.#refused.get(service, credentials);
  }

  admit(caller: Caller): void {
    this.#refused.delete(caller);
    if (this.#admitted.get(caller.service, caller.credentials) !== caller) this.#admitted.add(caller);
  }

  refuse(caller: Caller): void {
    this.#admitted.delete(caller);
    if (this.#refused.get(caller.service, caller.credentials) !== caller) this.#refused.add(caller);
  }

  /** The caller's owner in the journal, for one more request; made at its first use. */
  enter(caller: Caller): OwnerRef {
    caller.owner ??= new OwnerRef(this.#journal.owner(ownerOf(caller)));
    caller.owner.inUse += 1;
    return caller.owner;
  }

  /** The caller as an owner nobody vouches for: its usage is reported apart, so that it can spoil nobody else's. */
  unvouched(caller: Caller): UsageOwner {
    return { ...ownerOf(caller), known: false };
  }

  /** That request is over. */
  leave(owner: OwnerRef): void {
    owner.inUse -= 1;
    if (owner.retired && owner.inUse === 0) this.#journal.releaseOwner(owner.handle);
  }

  /** Vouched for, or served although nobody does: the usage stands under another owner from here on. */
  setKnown(caller: Caller, known: boolean): void {
    if (caller.known === known) return;
    caller.known = known;
    this.#retire(caller);
  }

  #retire(caller: Caller): void {
    const { owner } = caller;
    caller.owner = null;
    if (owner === null) return;
    owner.retired = true;
    if (owner.inUse === 0) this.#journal.releaseOwner(owner.handle);
  }
}

function ownerOf({ credentials, service, known }: Caller): UsageOwner {
  const kind = credentials.kind === 'user_key' ? 'user_key' : 'app_id';
  const id =
    credentials.kind === 'user_key'
      ? credentials.userKey
      : credentials.kind === 'app_id'
        ? credentials.appId
        : credentials.token;
  return known ? { service, kind, id } : { service, kind, id, known: false };
}
