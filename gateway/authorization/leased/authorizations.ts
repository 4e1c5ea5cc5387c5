import type { Clock } from '../../../shared/clock.ts';
import type { AuthorizeAnswer, AuthorizeMessage, AuthorizeReply } from '../../../shared/wire/authorize.ts';
import { WIRE_BOUNDS } from '../../../shared/wire/bounds.ts';
import type { ServiceProof } from '../../../shared/wire/common.ts';
import type { BackendTransport } from '../../leases/transport.ts';
import type { Caller } from './caller.ts';

export interface AuthorizationsDeps {
  readonly clock: Clock;
  readonly transport: BackendTransport;
  readonly proofs: (services: ReadonlySet<string>) => readonly ServiceProof[];
  /** False: the answer speaks of a store that was replaced. */
  readonly heard: (answer: AuthorizeAnswer, sentAt: number, answeredAt: number) => boolean;
  readonly unanswered: () => void;
  /** The question about a caller is over; `reply` null: without an answer. */
  readonly replied: (caller: Caller, reply: AuthorizeReply | null, sentAt: number, answeredAt: number) => void;
}

/** Asks the backend about callers: one question per caller at a time, however many requests wait for it, many in one call. */
export class Authorizations {
  readonly #deps: AuthorizationsDeps;
  #unsent: Caller[] = [];
  /** Metrics that the rules of each service were seen to use: asked about for every caller. */
  readonly #metrics = new Map<string, Set<string>>();

  constructor(deps: AuthorizationsDeps) {
    this.#deps = deps;
  }

  /** `metrics`: those of the request at hand. */
  ask(caller: Caller, metrics: Iterable<string>): void {
    const known = this.#metrics.get(caller.service) ?? new Set<string>();
    this.#metrics.set(caller.service, known);
    for (const metric of metrics) if (known.size < WIRE_BOUNDS.metrics) known.add(metric);
    if (caller.asking) return;
    caller.asking = true;
    this.#unsent.push(caller);
  }

  flush(): void {
    const unsent = this.#unsent;
    this.#unsent = [];
    let call: Caller[] = [];
    let services = new Set<string>();
    let metrics = 0;
    for (const caller of unsent) {
      const own = this.#metrics.get(caller.service)?.size ?? 0;
      const full =
        call.length === WIRE_BOUNDS.messages ||
        metrics + own > WIRE_BOUNDS.messages ||
        (services.size === WIRE_BOUNDS.services && !services.has(caller.service));
      if (full && call.length > 0) {
        this.#call(call, services);
        call = [];
        services = new Set();
        metrics = 0;
      }
      call.push(caller);
      services.add(caller.service);
      metrics += own;
    }
    if (call.length > 0) this.#call(call, services);
  }

  #call(callers: readonly Caller[], services: ReadonlySet<string>): void {
    const { clock, transport, proofs, heard, unanswered } = this.#deps;
    const sentAt = clock.monotonic();
    const messages = callers.map((caller) => this.#messageOf(caller));
    transport.authorize({ services: [...proofs(services)], messages }, (answer) => {
      const answeredAt = clock.monotonic();
      const usable = answer !== null && answer.replies.length === callers.length;
      if (!usable) unanswered();
      const current = usable && heard(answer, sentAt, answeredAt);
      for (const [index, caller] of callers.entries()) {
        if (!caller.asking) continue;
        caller.asking = false;
        this.#deps.replied(caller, current ? (answer.replies[index] ?? null) : null, sentAt, answeredAt);
      }
    });
  }

  #messageOf(caller: Caller): AuthorizeMessage {
    const { service, credentials } = caller;
    const referrer = caller.referrer ?? caller.waiting[0]?.call.referrer ?? null;
    return {
      service,
      credentials: credentialsOnWire(credentials),
      referrer: referrer === '' || referrer === null ? null : referrer.slice(0, WIRE_BOUNDS.id),
      metrics: [...(this.#metrics.get(service) ?? [])],
    };
  }
}

function credentialsOnWire(credentials: Caller['credentials']): AuthorizeMessage['credentials'] {
  switch (credentials.kind) {
    case 'user_key':
      return { kind: 'user_key', userKey: credentials.userKey };
    case 'app_id':
      return { kind: 'app_id', appId: credentials.appId, appKey: credentials.appKey };
    case 'token':
      return { kind: 'token', token: credentials.token };
  }
}
