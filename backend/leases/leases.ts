import type { Clock } from '../../shared/clock.ts';
import type { AuthorizeAnswer, AuthorizeRequest } from '../../shared/wire/authorize.ts';
import { WIRE_BOUNDS } from '../../shared/wire/bounds.ts';
import type { HeartbeatAnswer, HeartbeatRequest } from '../../shared/wire/heartbeat.ts';
import type { LeaseMessage, LeaseReply, LeasesAnswer, LeasesRequest } from '../../shared/wire/leases.ts';
import type { Store } from '../store/store.ts';
import { authorize } from './authorize.ts';
import { changesFor } from './changes.ts';
import { commandOf } from './commands.ts';
import type { GatewayConfiguration, MetricLimits } from './contract.ts';
import { Living } from './living.ts';
import { failedReply, replyOf } from './replies.ts';
import { runCommands } from './run.ts';

/** Lease time and interval of heartbeats, ms (protocol, timers). */
export const LEASE_TIME = 1_000;

export interface LeaseServiceDeps {
  readonly store: Store;
  /** The backends' clock. */
  readonly clock: Clock;
  readonly configuration: GatewayConfiguration;
}

interface Resolved {
  readonly message: LeaseMessage;
  readonly limits: MetricLimits;
}

/** The backend's side of the lease protocol. `services` are those whose token was valid. */
export class LeaseService {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #configuration: GatewayConfiguration;
  readonly #living: Living;

  constructor({ store, clock, configuration }: LeaseServiceDeps, leaseTime: number = LEASE_TIME) {
    this.#store = store;
    this.#clock = clock;
    this.#configuration = configuration;
    this.#living = new Living(store.leases, clock, leaseTime);
  }

  /** Throws StoreUnavailable when nothing at all can be decided. */
  async run({ epoch, messages }: LeasesRequest, services: ReadonlySet<string>): Promise<LeasesAnswer> {
    const store = this.#store.identity();
    const living = await this.#living.epochs();
    const replies: (LeaseReply | Resolved)[] = await Promise.all(
      messages.map(async (message) => this.#resolve(message, services)),
    );
    const resolved = replies.filter((reply) => 'message' in reply);
    const at = this.#clock.now();
    const commands = resolved.map(({ message, limits }) => commandOf(message, limits, { epoch, at, living }));
    const outcomes = await runCommands(this.#store, commands);
    const answered = new Map(
      resolved.map((each, index) => {
        const outcome = outcomes[index] ?? 'outage';
        const reply =
          typeof outcome === 'string'
            ? failedReply(each.message, outcome)
            : replyOf(each.message, each.limits, outcome);
        return [each, reply];
      }),
    );
    const inOrder = replies
      .map((reply) => ('message' in reply ? answered.get(reply) : reply))
      .filter((reply) => reply !== undefined);
    return { store, now: this.#clock.now(), replies: inOrder };
  }

  /** Throws StoreUnavailable. */
  async heartbeat(request: HeartbeatRequest, services: ReadonlySet<string>): Promise<HeartbeatAnswer> {
    const { epoch, version } = request;
    const store = this.#store.identity();
    const known = request.store === store ? version : null;
    const named = await this.#store.leases.heartbeat(epoch, this.#clock.now());
    const [changes, scarce] = await Promise.all([
      known === null ? null : this.#store.documents.changesSince(known),
      this.#store.leases.scarce(epoch),
    ]);
    const own = scarce.filter(({ service }) => services.has(service)).slice(0, WIRE_BOUNDS.changed);
    return { store, now: this.#clock.now(), version: named, ...changesFor(changes, services), scarce: own };
  }

  /** Answers are under the identity from before: a store that changed meanwhile may have forgotten them. */
  async authorize({ messages }: AuthorizeRequest, services: ReadonlySet<string>): Promise<AuthorizeAnswer> {
    const store = this.#store.identity();
    const at = this.#clock.now();
    const replies = await Promise.all(messages.map((message) => authorize(this.#configuration, message, services, at)));
    return { store, now: this.#clock.now(), replies };
  }

  async #resolve(message: LeaseMessage, services: ReadonlySet<string>): Promise<LeaseReply | Resolved> {
    if (!services.has(message.service)) return failedReply(message, 'unauthenticated');
    const limits = await this.#configuration.limits(message.service, message.application, message.metric);
    if (limits === null) return failedReply(message, 'unknown');
    return limits === 'no metric' ? withoutMetric(message) : { message, limits };
  }
}

/** The metric is gone, its lease may not be: it can be returned, and nothing else. The record knows what it took from. */
function withoutMetric(message: LeaseMessage): LeaseReply | Resolved {
  if (!message.final) return failedReply(message, 'unknown');
  const limits = { version: 0, chain: [message.metric], names: [message.metric], bounds: [] };
  return { message: { ...message, held: 0, want: message.used }, limits };
}
