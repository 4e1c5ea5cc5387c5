import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { systemClock } from '../shared/clock.ts';
import type { Clock } from '../shared/clock.ts';
import { createLogger } from '../shared/log.ts';
import type { Logger } from '../shared/log.ts';
import type { BackendConfig, StoreConfig } from './config.ts';
import type { BackendDeps } from './contract.ts';
import { describeRoutes, docsRoutes } from './http/docs/routes.ts';
import { Health } from './http/health/routes.ts';
import { storeCheck } from './http/health/store.ts';
import { metricsRoutes } from './http/metrics/routes.ts';
import { createServer } from './http/server.ts';
import { Metrics } from './metrics/metrics.ts';
import { StoreClock } from './store-clock.ts';
import type { Store } from './store/store.ts';

/** A started process: where it listens, and how to end it. */
export interface Running {
  readonly addresses: readonly AddressInfo[];
  readonly log: Logger;
  /** Longest time that `stop` may take, ms. */
  readonly shutdownMs: number;
  /** Not ready at once; waits for what is under way; closes everything. Safe to call twice. */
  stop(): Promise<void>;
}

export interface BackendParts {
  readonly clock?: Clock;
  readonly log?: Logger;
  readonly openStore: (config: StoreConfig, parts: { readonly clock: Clock; readonly log: Logger }) => Promise<Store>;
}

/** Builds a backend from its settings and starts it. */
export async function startBackend(config: BackendConfig, parts: BackendParts): Promise<Running> {
  const log = parts.log ?? createLogger('backend', config.logLevel);
  const processClock = parts.clock ?? systemClock;
  const store = await parts.openStore(config.store, { clock: processClock, log });
  const clock = new StoreClock(processClock, () => store.time(), log);
  await clock.start();
  const metrics = new Metrics();
  const deps: BackendDeps = { config, clock, store, log, metrics };
  const health = new Health([storeCheck(store), clock.health], processClock);
  const server = await createServer(deps);
  await registerRoutes(server, deps, health);
  await server.listen({ host: config.host, port: config.port });
  const addresses = server.addresses().filter((address) => typeof address !== 'string');
  log.info({ addresses, store: store.kind }, 'backend is listening');
  let stopping: Promise<void> | null = null;
  return {
    addresses,
    log,
    shutdownMs: config.shutdownMs,
    stop() {
      health.stop();
      stopping ??= stop(server, clock, store, log);
      return stopping;
    },
  };
}

async function registerRoutes(server: FastifyInstance, deps: BackendDeps, health: Health): Promise<void> {
  await describeRoutes(server);
  await server.register(async (context) => docsRoutes(context));
  await server.register(async (context) => health.routes(context));
  await server.register(async (context) => metricsRoutes(deps.metrics)(context));
}

async function stop(server: FastifyInstance, clock: StoreClock, store: Store, log: Logger): Promise<void> {
  log.info('backend is stopping');
  await server.close();
  clock.stop();
  await store.close();
  log.info('backend has stopped');
}
