import { Compile } from 'typebox/compile';
import { AppliedBatches } from '../../backend/batches/gateway-batches.ts';
import { errorAnswer } from '../../backend/http/errors.ts';
import { GatewayCalls } from '../../backend/http/v1/calls.ts';
import { ConfiguredGateways } from '../../backend/leases/configured.ts';
import { LeaseService } from '../../backend/leases/leases.ts';
import type { Store } from '../../backend/store/store.ts';
import { ROUTES } from '../../shared/wire/routes.ts';
import type { Answered, Message } from './network.ts';
import type { BackendView } from './plans.ts';
import type { ProcessClock } from './process-clock.ts';

type Kind = 'authorize' | 'leases' | 'heartbeat' | 'batches';

const BODIES = {
  authorize: Compile(ROUTES.authorize.body),
  leases: Compile(ROUTES.leases.body),
  heartbeat: Compile(ROUTES.heartbeat.body),
  batches: Compile(ROUTES.batches.body),
};
const KINDS: ReadonlyMap<string, Kind> = new Map([
  [ROUTES.authorize.path, 'authorize'],
  [ROUTES.leases.path, 'leases'],
  [ROUTES.heartbeat.path, 'heartbeat'],
  [ROUTES.batches.path, 'batches'],
]);

/** Nobody scrapes a simulated process. */
const NO_METRICS = {
  tally: () => ({ count: 0 }),
  labelled: () => ({ add: () => undefined, get: () => 0 }),
};

export interface BackendDeps {
  readonly clock: ProcessClock;
  readonly store: Store;
  readonly view: BackendView;
  readonly leaseTime: number;
  /** An entry of a batch was set aside, or something failed inside: neither may happen. */
  readonly fault: (text: string) => void;
}

/** One backend process over the shared store: the calls of the gateway protocol, without the sockets. */
export class Backend {
  readonly clock: ProcessClock;
  readonly view: BackendView;
  readonly calls = { authorize: 0, leases: 0, heartbeat: 0, batches: 0 };
  messages = 0;
  repeats = 0;
  readonly #calls: GatewayCalls;
  readonly #fault: (text: string) => void;

  constructor({ clock, store, view, leaseTime, fault }: BackendDeps) {
    this.clock = clock;
    this.view = view;
    this.#fault = fault;
    const configuration = new ConfiguredGateways(view);
    const leases = new LeaseService({ store, clock, configuration }, leaseTime);
    const batches = new AppliedBatches({
      counters: store.counters,
      lookup: view.lookup,
      errors: { record: async (_service, { code, message }) => fault(`set aside: ${code} ${message}`) },
      activity: { touched: () => undefined },
      clock,
      metrics: NO_METRICS,
    });
    this.#calls = new GatewayCalls({ store, clock, configuration, leases, batches });
  }

  /** Goes on counting where a process before it ended. */
  takeFigures(before: Backend): void {
    Object.assign(this.calls, before.calls);
    this.messages = before.messages;
    this.repeats = before.repeats;
  }

  async handle({ path, body }: Message): Promise<Answered> {
    try {
      return { failed: null, status: 200, body: JSON.stringify(await this.#answer(path, body)) };
    } catch (error) {
      const { entry, message } = errorAnswer(error);
      if (entry.status !== 503)
        this.#fault(`status ${entry.status}: ${message} ${error instanceof Error ? error.stack : ''}`);
      return { failed: null, status: entry.status, body: JSON.stringify({ error: { code: entry.code, message } }) };
    }
  }

  async #answer(path: string, body: string | null): Promise<unknown> {
    const kind = KINDS.get(path);
    if (kind === undefined) return this.#calls.discover();
    this.calls[kind] += 1;
    const value: unknown = JSON.parse(body ?? '');
    switch (kind) {
      case 'authorize':
        return this.#calls.authorize(checked(BODIES.authorize, value));
      case 'leases': {
        const request = checked(BODIES.leases, value);
        this.messages += request.messages.length;
        return this.#calls.leases(request);
      }
      case 'heartbeat':
        return this.#calls.heartbeat(checked(BODIES.heartbeat, value));
      case 'batches': {
        const answer = await this.#calls.batches(checked(BODIES.batches, value));
        if (answer.result === 'repeat') this.repeats += 1;
        return answer;
      }
    }
  }
}

function checked<T>(schema: { Check(value: unknown): value is T }, value: unknown): T {
  if (schema.Check(value)) return value;
  throw new TypeError('a request is not as its schema says');
}
