import type { Backend } from './backend.ts';
import { checkAtRest } from './at-rest.ts';
import { DirectCallers } from './direct.ts';
import { scheduleFaults, startBackend } from './faults.ts';
import { Gateway } from './gateway.ts';
import { Drive } from './drive.ts';
import { mutateStore } from './mutations.ts';
import { Network } from './network.ts';
import { Observer } from './observer.ts';
import type { Violation } from './observer.ts';
import { DEFAULTS } from './options.ts';
import type { RoundOptions } from './options.ts';
import { watchedLog } from './log.ts';
import { randomLimits } from './plans.ts';
import type { Application } from './plans.ts';
import { ProcessClock } from './process-clock.ts';
import { Random } from './random.ts';
import { ReportingClients } from './reports.ts';
import { PLAIN, USAGES } from './service.ts';
import { SimulatedStore } from './store.ts';
import { Timeline } from './timeline.ts';
import { StoreWatch } from './watch.ts';
import { Figures } from './world.ts';
import type { World } from './world.ts';

/** Around these moments many windows end at once, or none does. */
const STARTS = [
  // The year, and the week of a Monday.
  Date.UTC(2024, 0, 1),
  // A month inside a week.
  Date.UTC(2024, 1, 1),
  // A day, and a week.
  Date.UTC(2024, 2, 4),
  Date.UTC(2024, 2, 5),
  // An hour, a minute.
  Date.UTC(2024, 2, 5, 13),
  Date.UTC(2024, 2, 5, 13, 37),
  // Nothing.
  Date.UTC(2024, 2, 5, 13, 37, 40),
] as const;

export interface RoundResult {
  readonly seed: number;
  readonly violations: readonly { readonly kind: Violation; readonly text: string }[];
  /** What was done to it. */
  readonly events: readonly string[];
  readonly figures: Figures;
  readonly steps: number;
  readonly failovers: number;
  /** Units admitted in the minute that holds `at`. */
  readonly admitted: (application: string, metric: string, at: number) => number;
}

export async function runRound(changes: Partial<RoundOptions> & { readonly seed: number }): Promise<RoundResult> {
  const round = new Round({ ...DEFAULTS, ...changes });
  return round.run();
}

class Round {
  readonly #world: World;
  readonly #reports: ReportingClients;

  constructor(options: RoundOptions) {
    this.#world = createWorld(options, () => this.#afterEach());
    this.#reports = new ReportingClients(this.#world);
    const { store, watch } = this.#world;
    store.onForget = (shard, kept, since) => {
      watch.forget(shard, kept);
      if (shard === -1) this.#reports.queue.forget(since);
    };
  }

  async run(): Promise<RoundResult> {
    const { timeline, options, gateways } = this.#world;
    for (const { id, limits } of this.#world.applications.slice(0, 10)) {
      this.#world.observer.note(`${id} begins with ${JSON.stringify(limits)}`);
    }
    for (const gateway of gateways) gateway.boot();
    scheduleFaults(this.#world);
    this.#traffic();
    const { callsInTraffic } = this.#world.figures;
    await timeline.runUntil(options.measureFrom);
    this.#countCalls(callsInTraffic, -1);
    this.#countRequests(-1);
    await timeline.runUntil(options.duration);
    this.#countCalls(callsInTraffic, 1);
    this.#countRequests(1);
    await this.#comeToRest();
    if (!this.#isDelivered()) this.#world.observer.violate('stuck', 'usage was not delivered');
    if (!this.#isReturned()) this.#world.observer.violate('stuck', 'leases were not returned');
    checkAtRest(this.#world);
    return this.#result();
  }

  #afterEach(): void {
    for (const gateway of this.#world.gateways) gateway.endTick();
    this.#world.watch.check();
  }

  #traffic(): void {
    const { options, gateways, timeline, random } = this.#world;
    const weights = gateways.map((_gateway, index) => (index + 1) ** -options.skew);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (const [index, gateway] of gateways.entries()) {
      const share = (weights[index] ?? 0) / total;
      this.#poisson(
        () => share * this.#rate(),
        () => gateway.request(this.#pickApplication(), random.pick(this.#world.usages)),
      );
    }
    const direct = new DirectCallers(this.#world);
    this.#poisson(
      () => options.rate * options.direct,
      () => {
        timeline.unsettle();
        void direct.call();
      },
    );
    this.#poisson(
      () => options.rate * options.reports,
      () => {
        timeline.unsettle();
        void this.#reports.report();
      },
    );
  }

  #pickApplication(): Application {
    const { applications, options, random, timeline } = this.#world;
    const active =
      options.active !== null && timeline.now >= options.active.after
        ? options.active.applications
        : applications.length;
    if (options.plain) return random.pick(applications.slice(0, active));
    const index = Math.min(active - 1, Math.floor(random.exponential(active / 3)));
    return applications[index] ?? random.pick(applications);
  }

  #rate(): number {
    const { options, timeline } = this.#world;
    return options.active !== null && timeline.now >= options.active.after ? options.activeRate : options.rate;
  }

  #poisson(rate: () => number, task: () => void): void {
    const { timeline, random, options } = this.#world;
    const next = (): void => {
      if (timeline.now >= options.duration) return;
      task();
      timeline.after(random.exponential(1_000 / rate()), next);
    };
    if (rate() > 0) timeline.after(random.exponential(1_000 / rate()), next);
  }

  /** No more requests and faults: everything is delivered, every lease returned. */
  async #comeToRest(): Promise<void> {
    const { timeline, gateways, network } = this.#world;
    network.loss = 0;
    network.doubling = 0;
    network.slow.clear();
    for (const gateway of gateways) {
      gateway.link.cutUntil = 0;
      gateway.link.leasesCutUntil = 0;
      gateway.process?.clock.resume();
      gateway.drive.full = false;
      gateway.spare();
      gateway.boot();
    }
    for (let waited = 0; waited < 60 && (waited < 6 || !this.#isDelivered()); waited += 1) {
      await timeline.runUntil(timeline.now + 500);
    }
    for (const { process } of gateways) process?.authorizer.close();
    // What is sealed last may meet a thread that dies, and is tried again 10 s later.
    await timeline.runUntil(timeline.now + 1_000);
    for (let waited = 0; waited < 60 && !(this.#isReturned() && this.#isDelivered()); waited += 1) {
      await timeline.runUntil(timeline.now + 500);
    }
    await timeline.runUntil(timeline.now + 100);
  }

  #isDelivered(): boolean {
    return this.#reports.queue.idle && this.#world.gateways.every(({ delivered }) => delivered);
  }

  #isReturned(): boolean {
    return this.#world.gateways.every(({ process }) => process?.authorizer.client.closed.unacknowledged === 0);
  }

  #countRequests(sign: 1 | -1): void {
    const { figures } = this.#world;
    figures.waitsInTraffic += sign * figures.waits;
    figures.requestsInTraffic += sign * figures.requests;
  }

  #countCalls(calls: Figures['calls'], sign: 1 | -1): void {
    for (const backend of this.#world.backends) {
      for (const kind of ['authorize', 'leases', 'heartbeat', 'batches'] as const)
        calls[kind] += sign * backend.calls[kind];
      calls.messages += sign * backend.messages;
    }
  }

  #result(): RoundResult {
    const { figures, observer, timeline, backends, options, store } = this.#world;
    this.#countCalls(figures.calls, 1);
    for (const backend of backends) figures.repeats += backend.repeats;
    return {
      seed: options.seed,
      violations: observer.violations,
      events: observer.events,
      figures,
      steps: timeline.steps,
      failovers: store.failovers,
      admitted: (application, metric, at) => observer.admitted.get(application, metric, 'minute', at),
    };
  }
}

function createWorld(options: RoundOptions, afterEach: () => void): World {
  const random = new Random(options.seed);
  const timeline = new Timeline(afterEach);
  const boundary = options.start ?? random.pick(STARTS);
  const start = options.start ?? boundary - Math.floor(random.between(0.2, 0.7) * options.duration);
  const storeClock = new ProcessClock(timeline, start, random.next);
  const wait = options.without !== 'wait' && options.without !== 'wait-and-freeze' && options.wait;
  const freeze = wait || options.without === 'wait-and-freeze' ? 0 : 3 * options.leaseTime;
  const store = new SimulatedStore(timeline, random, storeClock, {
    shards: options.shards,
    wait,
    freeze,
    lag: options.faults.lag,
  });
  mutateStore(store.store, options.without);
  const rate = options.rate / options.applications;
  const applications = Array.from({ length: options.applications }, (_, index) => ({
    id: `application-${index}`,
    key: `key-${index}`,
    limits: options.limits ?? randomLimits(random, rate),
    version: 0,
    changedAt: -Infinity,
  }));
  const observer = new Observer(() => timeline.now, options.confirmedFor + options.learning + 50);
  const watch = new StoreWatch(store.store, observer, applications, options.faults.failovers === 0);
  const shared = { options, timeline, random, start, store, applications, observer, watch, version: 0 };
  const backends: Backend[] = [];
  for (let index = 0; index < options.backends; index += 1) backends.push(startBackend(shared));
  const world: World = {
    ...shared,
    application: new Map(applications.map((each) => [each.id, each])),
    backends,
    gateways: [],
    network: new Network(timeline, random, options, backends),
    log: watchedLog(observer),
    newEpoch: epochs(),
    usages: options.plain ? PLAIN : USAGES,
    figures: new Figures(),
  };
  for (let index = 0; index < options.gateways; index += 1) {
    const drive = options.shareDisk && index === 1 ? world.gateways[0]?.drive : new Drive();
    world.gateways.push(new Gateway(world, index, drive));
  }
  return world;
}

function epochs(): () => string {
  let count = 0;
  return () => (count += 1).toString(16).padStart(8, '0').padEnd(32, '0');
}
