import { StoreUnavailable } from '../../backend/store/store.ts';
import { SERVICE, chainOf, limitsOn } from './plans.ts';
import type { Application } from './plans.ts';
import type { World } from './world.ts';

interface Counted {
  readonly application: Application;
  readonly metric: string;
  readonly at: number;
  readonly amount: number;
  /** The shard's writes when it had been counted. */
  readonly position: number;
}

/** 3scale clients that ask the backend directly (R17), beside the gateways and under the same limits. */
export class DirectCallers {
  readonly #world: World;
  /** What was counted and could still be forgotten, by shard. */
  readonly #counted = new Map<number, Counted[]>();

  constructor(world: World) {
    this.#world = world;
    world.store.onForget = (shard, kept) => this.#forget(shard, kept);
  }

  async call(): Promise<void> {
    const { random, backends, applications, store, observer, figures } = this.#world;
    const application = random.pick(applications);
    const metric = random.pick(['hits', 'm1', 'm2']);
    const backend = random.pick(backends);
    const at = backend.clock.now();
    const ref = { service: SERVICE, application: application.id };
    const limits = limitsOn(backend.view.known(application.id), metric);
    const shard = store.store.counters.shardOf(ref);
    const before = await this.#used(application, metric);
    const decided = store.store.counters.decide({
      ...ref,
      at,
      bounds: limits.map(({ metric: name, period, max }) => ({ metric: name, period, max: BigInt(max) })),
      additions: chainOf(metric).map((name) => ({ metric: name, amount: 1n, set: false })),
      reads: [],
      codes: [],
      count: true,
    });
    decided.catch(() => undefined);
    const after = await this.#used(application, metric);
    if (after !== null && before !== null && after > before) {
      observer.truth.add(application.id, metric, at, 1);
      const position = store.store.snapshot().get(shard) ?? 0;
      const counted = this.#counted.get(shard) ?? [];
      this.#counted.set(shard, counted);
      counted.push({ application, metric, at, amount: 1, position });
    }
    try {
      const { admitted } = await decided;
      if (!admitted) return;
      figures.direct += 1;
      observer.admit(application, metric, 1, at, 'a direct caller', true);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
    }
  }

  async #used(application: Application, metric: string): Promise<bigint | null> {
    try {
      const [used] = await this.#world.store.store.counters.series(
        SERVICE,
        application.id,
        { metric },
        'eternity',
        [0],
      );
      return used ?? 0n;
    } catch {
      return null;
    }
  }

  /** A failover: what the shard had written beyond `kept` never happened. */
  #forget(shard: number, kept: number): void {
    const counted = this.#counted.get(shard) ?? [];
    for (const { application, metric, at, amount, position } of counted) {
      if (position > kept) this.#world.observer.truth.add(application.id, metric, at, -amount);
    }
    this.#counted.set(shard, []);
  }
}
