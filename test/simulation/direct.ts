import { conclude, inquire } from '../../backend/domain/decide.ts';
import type { Inquiry } from '../../backend/domain/decide.ts';
import { StoreUnavailable } from '../../backend/store/store.ts';
import type { DecideRequest } from '../../backend/store/store.ts';
import { PERIODS } from '../../shared/period.ts';
import type { Backend } from './backend.ts';
import { chainOf } from './plans.ts';
import type { Application } from './plans.ts';
import type { World } from './world.ts';

const PRESENTED = { appKey: null, referrer: null, redirectUrl: null, redirectUri: null };

/** 3scale clients that ask the backend directly (R17), beside the gateways and under the same limits: one unit, or a set. */
export class DirectCallers {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  async call(): Promise<void> {
    const { random, backends, applications, options } = this.#world;
    const application = random.pick(applications);
    const metric = random.pick(['hits', 'm1', 'm2']);
    const sets = random.chance(options.sets);
    const backend = random.pick(backends);
    if (backend.clock.dead) return;
    const inquiry = ask(backend, application, metric, sets ? `#${random.integer(0, 60)}` : '1');
    if (inquiry?.request === null || inquiry === null) return;
    try {
      if (sets) await this.#set(inquiry, inquiry.request, application, metric);
      else await this.#add(inquiry, inquiry.request, application, metric);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
    }
  }

  /** One unit: the store may forget it as long as nobody was told. */
  async #add(inquiry: Inquiry, request: DecideRequest, application: Application, metric: string): Promise<void> {
    const { store, observer, figures, watch } = this.#world;
    const { at } = request;
    const before = watch.used(application.id, metric, 'eternity', at);
    const deciding = store.store.counters.decide(request);
    if (watch.used(application.id, metric, 'eternity', at) > before) {
      observer.truth.add(application.id, metric, at, 1);
      watch.keep(application.id, () => observer.truth.add(application.id, metric, at, -1));
      watch.touch(application.id, at);
    }
    const decision = conclude(inquiry, await deciding);
    if (!decision.counted) return;
    figures.direct += 1;
    observer.admit(application, metric, 1, at, 'a direct caller', true);
  }

  /** `#N`: every counter of the chain becomes N, if what that adds fits. */
  async #set(inquiry: Inquiry, request: DecideRequest, application: Application, metric: string): Promise<void> {
    const { store, observer, figures, watch } = this.#world;
    const { id } = application;
    const { at } = request;
    const counters = chainOf(metric).flatMap((each) =>
      PERIODS.map((period) => ({ metric: each, period, before: watch.used(id, each, period, at) })),
    );
    const deciding = store.store.counters.decide(request);
    for (const { metric: each, period, before } of counters) {
      const change = watch.used(id, each, period, at) - before;
      if (change === 0) continue;
      observer.moved(id, each, period, at, change);
      watch.keep(id, () => observer.moved(id, each, period, at, -change));
      const bound = request.bounds.find((found) => found.metric === each && found.period === period);
      const taken = watch.taken(id, each, period, at);
      if (bound !== undefined && change > 0 && taken > Number(bound.max))
        observer.violate('grant', `a set of ${id} ${each} ${period}: ${taken} > ${bound.max}`);
    }
    watch.touch(id, at);
    if (conclude(inquiry, await deciding).counted) figures.sets += 1;
  }
}

function ask({ clock, view }: Backend, { id }: Application, metric: string, value: string): Inquiry | null {
  const inquiry = inquire({
    application: view.known(id),
    presented: PRESENTED,
    oauthEndpoint: false,
    usage: [[metric, value]],
    code: null,
    count: true,
    flatUsage: false,
    noBody: true,
    at: clock.now(),
  });
  return 'kind' in inquiry ? null : inquiry;
}
