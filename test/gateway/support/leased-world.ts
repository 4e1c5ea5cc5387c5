import { LeaseService } from '../../../backend/leases/leases.ts';
import type { Authorization, GatewayConfiguration, MetricLimits } from '../../../backend/leases/contract.ts';
import { createMemoryStore } from '../../../backend/store/memory/store.ts';
import type { MemoryStore } from '../../../backend/store/memory/store.ts';
import { StoreUnavailable } from '../../../backend/store/store.ts';
import type { Decision } from '../../../gateway/authorization/authorizer.ts';
import { LeasedAuthorizer } from '../../../gateway/authorization/leased.ts';
import type { LeaseSettings } from '../../../gateway/leases/settings.ts';
import { DEFAULT_LEASE_SETTINGS } from '../../../gateway/leases/settings.ts';
import type { BackendTransport } from '../../../gateway/leases/transport.ts';
import type { Period } from '../../../shared/period.ts';
import { Folder, SimulatedJournal } from './memory-journal.ts';
import { MONDAY, TestClock, settle } from '../../harness/clock.ts';
import { callOf, testService } from './service.ts';
import type { Usage } from '../../../gateway/rules/usage.ts';

export interface Limit {
  readonly metric: string;
  readonly period: Period;
  readonly max: number;
}

const SERVICES: ReadonlySet<string> = new Set(['42']);

/** Applications by user key (`a` has the key `key-a`), each with the limits that it is given. Metrics: `hits`, its method `search`. */
class Plans implements GatewayConfiguration {
  version = 1;
  readonly limitsOf = new Map<string, readonly Limit[]>();
  asked = 0;

  authenticate(): Promise<ReadonlySet<string>> {
    return Promise.resolve(SERVICES);
  }

  authorize(message: Parameters<GatewayConfiguration['authorize']>[0]): Promise<Authorization> {
    this.asked += 1;
    const { version } = this;
    const application = message.credentials.kind === 'user_key' ? message.credentials.userKey.replace('key-', '') : '';
    if (!this.limitsOf.has(application))
      return Promise.resolve({ denied: 'user_key_invalid', version, byReferrer: false });
    const metrics = message.metrics.map((metric) => this.#limits(application, metric));
    return Promise.resolve({
      denied: null,
      version,
      application,
      plan: null,
      byReferrer: false,
      ttl: 3_600_000,
      metrics,
    });
  }

  limits(_service: string, application: string, metric: string): Promise<MetricLimits | 'no metric' | null> {
    return Promise.resolve(this.limitsOf.has(application) ? (this.#limits(application, metric) ?? 'no metric') : null);
  }

  #limits(application: string, metric: string): MetricLimits | null {
    const chain = metric === 'search' ? ['search', 'hits'] : metric === 'hits' ? ['hits'] : null;
    if (chain === null) return null;
    const bounds = (this.limitsOf.get(application) ?? [])
      .filter((limit) => chain.includes(limit.metric))
      .map((limit) => ({ ...limit, name: limit.metric, max: BigInt(limit.max) }));
    return { version: this.version, chain, names: chain, bounds };
  }
}

/** Gateways over one real backend side and the memory store, on one test clock; the network between is the test's to cut. */
export class LeasedWorld {
  readonly clock = new TestClock(MONDAY + 10_000);
  readonly store: MemoryStore = createMemoryStore({ clock: this.clock });
  readonly plans = new Plans();
  readonly backend = new LeaseService({ store: this.store, clock: this.clock, configuration: this.plans });
  /** Nothing arrives. */
  cut = false;
  calls = { authorize: 0, leases: 0, heartbeat: 0 };
  #gateways = 0;

  gateway(changes: Partial<LeaseSettings> = {}, service: Parameters<typeof testService>[0] = {}): TestGateway {
    this.#gateways += 1;
    return new TestGateway(this, this.#gateways, changes, service);
  }

  /** Other limits, from a version of the configuration that heartbeats name. */
  async change(application: string, limits: readonly Limit[]): Promise<void> {
    this.plans.limitsOf.set(application, limits);
    const changed = [{ service: '42', application }];
    this.plans.version = (await this.store.documents.write([], { changed })) ?? this.plans.version;
  }

  /** Units taken and used of `hits` in the present minute. */
  async accounts(application: string): Promise<{ readonly taken: number; readonly used: number }> {
    const all = await this.store.counters.accounts({ service: '42', application }, this.clock.now());
    const found = all.find(({ metric, period }) => metric === 'hits' && period === 'minute');
    return { taken: Number(found?.taken ?? 0n), used: Number(found?.used ?? 0n) };
  }
}

export interface Answered {
  decision: Decision | null;
  /** It was answered later. */
  waited: boolean;
  readonly call: ReturnType<typeof callOf>;
}

export class TestGateway {
  readonly journal: SimulatedJournal;
  readonly authorizer: LeasedAuthorizer;
  readonly #world: LeasedWorld;
  readonly #service: ReturnType<typeof testService>;
  storeChanges = 0;

  constructor(
    world: LeasedWorld,
    number: number,
    changes: Partial<LeaseSettings>,
    service: Parameters<typeof testService>[0],
  ) {
    this.#world = world;
    this.#service = testService(service);
    this.journal = new SimulatedJournal(new Folder(number.toString(16).padStart(32, '0')), () => undefined, null);
    this.authorizer = new LeasedAuthorizer(
      {
        leases: { ...DEFAULT_LEASE_SETTINGS, ...changes },
        callers: { admitted: 100, refused: 100, strangers: 100 },
        maxWaiting: 100,
        refuseWhenFull: true,
      },
      {
        clock: world.clock,
        transport: this.#transport(),
        journal: this.journal,
        random: () => 0.5,
        proofs: () => [{ service: '42', tokenKind: 'service_token', token: 'tok42' }],
        onLink: () => undefined,
        onStoreChanged: () => (this.storeChanges += 1),
      },
    );
    this.authorizer.start();
  }

  /** One request; what it waits for is answered when the clock moves on. */
  request(userKey: string, usage: Usage): Answered {
    const call = callOf(this.#service, userKey, usage);
    const answered: Answered = { decision: null, waited: false, call };
    answered.decision = this.authorizer.authorize(call, (decision) => {
      answered.decision = decision;
      answered.waited = true;
    });
    return answered;
  }

  /** One request and its answer, with the journal written. */
  async ask(userKey: string, usage: Usage): Promise<Answered> {
    const answered = this.request(userKey, usage);
    for (let turn = 0; answered.decision === null && turn < 100; turn += 1) await this.#world.clock.advance(10);
    this.authorizer.commit();
    await settle();
    return answered;
  }

  #transport(): BackendTransport {
    const { backend, calls } = this.#world;
    return {
      authorize: (request, done) =>
        void this.#call(
          () => backend.authorize(request, SERVICES),
          done,
          () => (calls.authorize += 1),
        ),
      leases: (request, done) =>
        void this.#call(
          () => backend.run(request, SERVICES),
          done,
          () => (calls.leases += 1),
        ),
      heartbeat: (request, done) =>
        void this.#call(
          () => backend.heartbeat(request, SERVICES),
          done,
          () => (calls.heartbeat += 1),
        ),
    };
  }

  async #call<A>(answer: () => Promise<A>, done: (answer: A | null) => void, count: () => void): Promise<void> {
    count();
    await settle();
    if (this.#world.cut) {
      this.#world.clock.after(500, () => done(null));
      return;
    }
    try {
      done(await answer());
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      done(null);
    }
  }
}
