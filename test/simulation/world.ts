import type { Usage } from '../../gateway/rules/usage.ts';
import type { Logger } from '../../shared/log.ts';
import type { Backend } from './backend.ts';
import type { Gateway } from './gateway.ts';
import type { Network } from './network.ts';
import type { Observer } from './observer.ts';
import type { RoundOptions } from './options.ts';
import type { Application } from './plans.ts';
import type { Random } from './random.ts';
import type { SimulatedStore } from './store.ts';
import type { Timeline } from './timeline.ts';
import type { StoreWatch } from './watch.ts';

/** What everybody in a round shares. */
export interface World {
  readonly options: RoundOptions;
  readonly timeline: Timeline;
  readonly random: Random;
  /** The backends' time at the round's start, ms since the epoch. */
  readonly start: number;
  readonly store: SimulatedStore;
  readonly applications: readonly Application[];
  readonly application: ReadonlyMap<string, Application>;
  readonly backends: Backend[];
  readonly gateways: Gateway[];
  readonly network: Network;
  readonly observer: Observer;
  readonly watch: StoreWatch;
  readonly log: Logger;
  /** 128 bits in hex, another each time. */
  readonly newEpoch: () => string;
  readonly usages: readonly Usage[];
  readonly figures: Figures;
  /** Newest version of the configuration that is durable. */
  version: number;
}

/** What happened in a round, in numbers. */
export class Figures {
  requests = 0;
  served = 0;
  refused = 0;
  refusedElsewhere = 0;
  outages = 0;
  waits = 0;
  headers = 0;
  headersAbove = 0;
  direct = 0;
  sets = 0;
  reports = 0;
  repeats = 0;
  /** Calls to the backends: of the whole round, and until the traffic ended. */
  calls = { authorize: 0, leases: 0, heartbeat: 0, batches: 0, messages: 0 };
  callsInTraffic = { authorize: 0, leases: 0, heartbeat: 0, batches: 0, messages: 0 };
  /** By minutes from the round's start. */
  readonly requestsByMinute: number[] = [];
  waitsInTraffic = 0;
  requestsInTraffic = 0;
}

export function trueTime(world: World): number {
  return world.start + world.timeline.now;
}
