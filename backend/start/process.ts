import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { systemClock } from '../../shared/clock.ts';
import type { Clock } from '../../shared/clock.ts';
import { createLogger } from '../../shared/log.ts';
import type { Logger, LogLevel } from '../../shared/log.ts';
import type { RetentionConfig, StoreConfig } from '../config.ts';
import { Metrics } from '../metrics/metrics.ts';
import { StoreClock } from '../store-clock.ts';
import type { Store } from '../store/store.ts';
import { openStore } from './open-store.ts';

/** A started process: where it listens, and how to end it. */
export interface Running {
  readonly addresses: readonly AddressInfo[];
  readonly log: Logger;
  /** Longest time that `stop` may take, ms. */
  readonly shutdownMs: number;
  /** Not ready at once; waits for what is under way; closes everything. Safe to call twice. */
  stop(): Promise<void>;
}

/** What a process is built on. A test may bring its own clock and log. */
export interface Ground {
  readonly clock: StoreClock;
  /** The process's own clock: for time-outs, which must not follow the store's. */
  readonly processClock: Clock;
  readonly store: Store;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** Longest time for one command of the store where nobody waits for it, ms. */
const NOBODY_WAITS = 5_000;

export interface GroundOptions {
  readonly clock?: Clock;
  readonly log?: Logger;
}

/** Opens the store and the clock that follows it. The store may be away: then it is opened when it comes. */
export async function openGround(
  name: 'backend' | 'worker',
  config: { readonly store: StoreConfig; readonly retention: RetentionConfig; readonly logLevel: LogLevel },
  options: GroundOptions,
): Promise<Ground> {
  const log = options.log ?? createLogger(name, config.logLevel);
  const processClock = options.clock ?? systemClock;
  const clock: StoreClock = new StoreClock(processClock, () => store.time(), log);
  const storeClock = config.store.kind === 'redis' ? clock : clock.ofProcess;
  const store = await openStore(config.store, {
    clock: storeClock,
    log,
    ...(name === 'worker' ? { commandMs: NOBODY_WAITS } : {}),
  });
  await clock.start();
  const metrics = new Metrics();
  metrics.gauge('tallygate_clock_skew_seconds', "This machine's clock minus the store's.", () => {
    const skew = clock.skew();
    return skew === null ? null : skew / 1000;
  });
  const limits = '1: what is granted is safe before it is answered (limits: exact); 0: bounded.';
  metrics.gauge('tallygate_backend_limits_exact', limits, async () =>
    (await store.health()).limits === 'exact' ? 1 : 0,
  );
  const held = '1: no limit grants anything, because replicas that must have it are away.';
  metrics.gauge('tallygate_backend_grants_held', held, async () => ((await store.health()).grantsHeld === '' ? 0 : 1));
  return { clock, processClock, store, log, metrics };
}

/** TCP addresses that the server listens on. */
export function addressesOf(server: FastifyInstance): readonly AddressInfo[] {
  return server.addresses().filter((address) => typeof address !== 'string');
}
