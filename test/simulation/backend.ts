import { applyParts, partsOf, placeInOrder } from '../../backend/batches/parts.ts';
import { LeaseService } from '../../backend/leases/leases.ts';
import { StoreUnavailable } from '../../backend/store/store.ts';
import type { BatchEntry, Store } from '../../backend/store/store.ts';
import type { AuthorizeRequest } from '../../shared/wire/authorize.ts';
import type { HeartbeatRequest } from '../../shared/wire/heartbeat.ts';
import type { LeasesRequest } from '../../shared/wire/leases.ts';
import type { Entry } from './journal.ts';
import { SERVICE, chainOf } from './plans.ts';
import type { BackendView } from './plans.ts';
import type { ProcessClock } from './process-clock.ts';

const SERVICES: ReadonlySet<string> = new Set([SERVICE]);

export interface BatchMessage {
  readonly epoch: string;
  readonly sequence: number;
  readonly floor: number;
  readonly entries: readonly Entry[];
}

/** A call as it arrives, and what answers it. */
export type Message =
  | { readonly kind: 'authorize'; readonly request: AuthorizeRequest }
  | { readonly kind: 'leases'; readonly request: LeasesRequest }
  | { readonly kind: 'heartbeat'; readonly request: HeartbeatRequest }
  | { readonly kind: 'batch'; readonly request: BatchMessage };

/** One backend process over the shared store. */
export class Backend {
  readonly clock: ProcessClock;
  readonly view: BackendView;
  readonly #store: Store;
  readonly #leases: LeaseService;
  readonly calls = { authorize: 0, leases: 0, heartbeat: 0, batch: 0 };
  messages = 0;
  repeats = 0;

  constructor(clock: ProcessClock, store: Store, view: BackendView, leaseTime: number) {
    this.clock = clock;
    this.#store = store;
    this.view = view;
    const configuration = {
      authenticate: () => this.view.authenticate(),
      limits: (service: string, application: string, metric: string) => this.view.limits(service, application, metric),
      authorize: (message: AuthorizeRequest['messages'][number]) => this.view.authorize(message),
    };
    this.#leases = new LeaseService({ store, clock, configuration }, leaseTime);
  }

  /** Goes on counting where a process before it ended. */
  takeFigures(before: Backend): void {
    Object.assign(this.calls, before.calls);
    this.messages = before.messages;
    this.repeats = before.repeats;
  }

  /** The answer, or null for a 503. */
  async handle(message: Message): Promise<unknown> {
    this.calls[message.kind] += 1;
    try {
      switch (message.kind) {
        case 'authorize':
          return await this.#leases.authorize(message.request, SERVICES);
        case 'leases':
          this.messages += message.request.messages.length;
          return await this.#leases.run(message.request, SERVICES);
        case 'heartbeat':
          return await this.#leases.heartbeat(message.request, SERVICES);
        case 'batch':
          return await this.#apply(message.request);
      }
    } catch (error) {
      if (error instanceof StoreUnavailable) return null;
      throw error;
    }
  }

  async #apply({ epoch, sequence, floor, entries }: BatchMessage): Promise<unknown> {
    const store = this.#store.identity();
    const digest = JSON.stringify(entries).length.toString();
    const placed = placeInOrder(entries.map(toBatchEntry), this.#store.counters);
    const parts = partsOf({ epoch, sequence, floor, digest }, placed);
    const { result } = await applyParts(this.#store.counters, parts);
    if (result === 'repeat') this.repeats += 1;
    return { store, now: this.clock.now(), result: result === 'conflict' ? 'queued' : result, setAside: [] };
  }
}

function toBatchEntry({ owner, metric, at, use, take }: Entry): BatchEntry {
  const additions = chainOf(metric).map((each) => ({ metric: each, use: BigInt(use), take: BigInt(take), set: false }));
  return { service: owner.service, application: owner.id, at, additions, codes: [] };
}
