import type { AuthorizeReply } from '../../../shared/wire/authorize.ts';
import type { Call, Credentials } from '../authorizer.ts';
import { Caller } from './caller.ts';

/** Callers that one byReferrer credential is kept apart into; beyond, the oldest is forgotten. */
const MAX_REFERRERS = 100;

interface ServiceCallers {
  readonly userKeys: Map<string, Caller>;
  readonly tokens: Map<string, Caller>;
  readonly appIds: Map<string, Map<string | null, Caller>>;
}

/** Every caller that was seen lately, with an index by application. Bounded: the one that was not used for longest goes, roughly. */
export class Callers {
  readonly #max: number;
  readonly #services = new Map<string, ServiceCallers>();
  readonly #byApplication = new Map<string, Map<string, Set<Caller>>>();
  /** Refused ones by service: any change of it may be the key that they show. */
  readonly #denied = new Map<string, Set<Caller>>();
  /** In the order of their making; those used since the evictor passed get another round. */
  readonly #order = new Set<Caller>();
  evictions = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#order.size;
  }

  /** Finds or makes it. */
  find(call: Call): Caller {
    const caller = this.#get(call.service.id, call.credentials) ?? this.#add(call.service.id, call.credentials);
    caller.touched = true;
    if (caller.byReferrer === null) return caller;
    const known = caller.byReferrer.get(call.referrer);
    if (known !== undefined) return known;
    return this.#addReferrer(caller, caller.byReferrer, call.referrer);
  }

  /** It was answered: changes of its application find it. */
  index(caller: Caller): void {
    if (caller.denied) {
      const denied = this.#denied.get(caller.service) ?? new Set<Caller>();
      this.#denied.set(caller.service, denied);
      denied.add(caller);
    }
    if (caller.application === null) return;
    const applications = this.#byApplication.get(caller.service) ?? new Map<string, Set<Caller>>();
    this.#byApplication.set(caller.service, applications);
    const callers = applications.get(caller.application) ?? new Set<Caller>();
    applications.set(caller.application, callers);
    callers.add(caller);
  }

  /** Takes it out of the index, before its application changes or it goes. */
  unindex(caller: Caller): void {
    this.#denied.get(caller.service)?.delete(caller);
    if (caller.application === null) return;
    const applications = this.#byApplication.get(caller.service);
    const callers = applications?.get(caller.application);
    callers?.delete(caller);
    if (callers?.size === 0) applications?.delete(caller.application);
    if (applications?.size === 0) this.#byApplication.delete(caller.service);
  }

  /** Whom an answer is about: of credentials whose answers depend on the referrer, the one with the referrer that was asked about. */
  answered(asked: Caller, reply: AuthorizeReply, referrer: string | null): Caller {
    if (!reply.byReferrer || asked.referrer !== null) return asked;
    asked.byReferrer ??= new Map();
    return asked.byReferrer.get(referrer) ?? this.#addReferrer(asked, asked.byReferrer, referrer);
  }

  /**
   * A change was named that may concern callers of the application (`*`: of every one of the service; null: of every
   * service). Refused callers of the service may be admitted by it, so those are asked anew.
   */
  outdate(service: string | null, application: string, heartbeatAt: number): void {
    for (const caller of this.#of(service, application)) caller.outdate(heartbeatAt);
    for (const [owner, denied] of this.#denied) {
      if (service !== null && owner !== service) continue;
      for (const caller of denied) caller.distrust();
      this.#denied.delete(owner);
    }
  }

  distrust(): void {
    for (const caller of this.#all()) caller.distrust();
  }

  *#of(service: string | null, application: string): Iterable<Caller> {
    if (service === null) yield* this.#all();
    else if (application === '*') {
      for (const callers of this.#byApplication.get(service)?.values() ?? []) yield* callers;
    } else yield* this.#byApplication.get(service)?.get(application) ?? [];
  }

  *#all(): Iterable<Caller> {
    for (const caller of this.#order) {
      yield caller;
      if (caller.byReferrer !== null) yield* caller.byReferrer.values();
    }
  }

  #get(service: string, credentials: Credentials): Caller | undefined {
    const callers = this.#services.get(service);
    if (callers === undefined) return undefined;
    switch (credentials.kind) {
      case 'user_key':
        return callers.userKeys.get(credentials.userKey);
      case 'app_id':
        return callers.appIds.get(credentials.appId)?.get(credentials.appKey);
      case 'token':
        return callers.tokens.get(credentials.token);
    }
  }

  #add(service: string, shown: Credentials): Caller {
    if (this.#order.size >= this.#max) this.#evict();
    const callers = this.#services.get(service) ?? emptyService();
    this.#services.set(service, callers);
    const caller = new Caller(service, shown, null);
    if (shown.kind === 'user_key') callers.userKeys.set(shown.userKey, caller);
    else if (shown.kind === 'token') callers.tokens.set(shown.token, caller);
    else {
      const keys = callers.appIds.get(shown.appId) ?? new Map<string | null, Caller>();
      callers.appIds.set(shown.appId, keys);
      keys.set(shown.appKey, caller);
    }
    this.#order.add(caller);
    return caller;
  }

  #addReferrer(base: Caller, referrers: Map<string | null, Caller>, referrer: string | null): Caller {
    if (referrers.size >= MAX_REFERRERS) {
      for (const [oldest, caller] of referrers) {
        if (caller.waiting.length > 0) continue;
        referrers.delete(oldest);
        this.unindex(caller);
        break;
      }
    }
    const caller = new Caller(base.service, base.credentials, referrer);
    referrers.set(referrer, caller);
    return caller;
  }

  /** Passes over those that were used lately or are waited for, and lets the first other go. */
  #evict(): void {
    let looks = 2 * this.#order.size;
    for (const caller of this.#order) {
      looks -= 1;
      if (looks < 0) return;
      this.#order.delete(caller);
      if (caller.touched || caller.waiting.length > 0) {
        caller.touched = false;
        this.#order.add(caller);
        continue;
      }
      this.#forget(caller);
      return;
    }
  }

  #forget(caller: Caller): void {
    this.evictions += 1;
    this.unindex(caller);
    for (const referred of caller.byReferrer?.values() ?? []) this.unindex(referred);
    const callers = this.#services.get(caller.service);
    const { credentials } = caller;
    if (credentials.kind === 'user_key') callers?.userKeys.delete(credentials.userKey);
    else if (credentials.kind === 'token') callers?.tokens.delete(credentials.token);
    else {
      const keys = callers?.appIds.get(credentials.appId);
      keys?.delete(credentials.appKey);
      if (keys?.size === 0) callers?.appIds.delete(credentials.appId);
    }
  }
}

function emptyService(): ServiceCallers {
  return { userKeys: new Map(), tokens: new Map(), appIds: new Map() };
}
