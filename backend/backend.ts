import type { FastifyInstance } from 'fastify';
import { ConfiguredDirectory } from './analytics/configured-directory.ts';
import { Analytics } from './analytics/queries.ts';
import type { BackendConfig } from './config.ts';
import { closeServer } from './http/close-server.ts';
import { dashboardRoutes } from './http/dashboard/routes.ts';
import { describeRoutes, docsRoutes } from './http/docs/routes.ts';
import { Health } from './http/health/routes.ts';
import { storeCheck } from './http/health/store.ts';
import { leaseRoutes } from './http/internal/leases.ts';
import { internalRoutes } from './http/internal/routes.ts';
import { storeRoutes } from './http/internal/store.ts';
import { metricsRoutes } from './http/metrics/routes.ts';
import { createServer } from './http/server.ts';
import { statsRoutes } from './http/stats/routes.ts';
import { gatewayRoutes } from './http/v1/routes.ts';
import { followTestControl, testControlRoutes } from './http/test-control/routes.ts';
import { answerUnknownPaths, threescaleRoutes } from './http/threescale/routes.ts';
import { createCore } from './start/core.ts';
import type { Core } from './start/core.ts';
import { gatewayParts } from './start/gateway-parts.ts';
import { addressesOf, openGround } from './start/process.ts';
import type { Ground, GroundOptions, Running } from './start/process.ts';

/** Builds a backend from its settings and starts it. Throws when the stored data cannot be used or the port is taken. */
export async function startBackend(config: BackendConfig, options: GroundOptions = {}): Promise<Running> {
  const ground = await openGround('backend', config, options);
  const core = await createCore(config, { ...ground, besideClients: true });
  const health = new Health(
    [storeCheck(ground.store), ground.clock.health, core.preparation.health],
    ground.processClock,
  );
  const server = await createServer(ground);
  const stop = stopper(ground, core, health, server);
  try {
    await registerRoutes(server, config, ground, core, health);
    const works = config.worker || config.store.kind === 'embedded';
    await core.preparation.start(() => works && core.work());
    await server.listen({ host: config.host, port: config.port });
  } catch (error) {
    await stop();
    throw error;
  }
  const { log, store } = ground;
  const { limits, limitsReason, grantsHeld } = await store.health();
  const held = grantsHeld === '' ? {} : { grantsHeld };
  log.info({ addresses: server.addresses(), store: store.kind, limits, limitsReason, ...held }, 'backend is listening');
  return { addresses: addressesOf(server), log, shutdownMs: config.shutdownMs, stop };
}

async function registerRoutes(
  server: FastifyInstance,
  config: BackendConfig,
  ground: Ground,
  core: Core,
  health: Health,
): Promise<void> {
  await describeRoutes(server);
  answerUnknownPaths(server);
  const { testTime, configuration } = core;
  if (testTime !== null) followTestControl(server, { configuration, time: testTime });
  await server.register(async (context) => docsRoutes(context));
  await server.register(async (context) => dashboardRoutes(context));
  await server.register(async (context) => health.routes(context));
  await server.register(async (context) => metricsRoutes(ground.metrics)(context));
  const { store, clock, log } = ground;
  const ofStore = storeRoutes({ store, credentials: config.internalApi, clock, log });
  await server.register(async (context) => ofStore(context), { prefix: '/internal/store' });
  await server.register(async (apis) => {
    apis.addHook('onRequest', core.preparation.admit);
    await registerApis(apis, config, ground, core);
  });
}

async function registerApis(apis: FastifyInstance, config: BackendConfig, ground: Ground, core: Core): Promise<void> {
  const { store, clock, log } = ground;
  const { configuration, errors, events, jobs, accounting, testTime } = core;
  const { counters } = store;
  const { reports, activity } = jobs;
  const { lookup } = configuration;
  const threescale = threescaleRoutes({ lookup, counters, reports, activity, errors, accounting, clock, log });
  const { internalApi: credentials, testControl, adminToken } = config;
  const internal = internalRoutes({ configuration, counters, errors, events, credentials, testControl, clock, log });
  const gateways = gatewayParts({ store, configuration, errors, activity, clock, metrics: ground.metrics });
  const directory = new ConfiguredDirectory(configuration, store.documents);
  const analytics = new Analytics(counters, directory, () => clock.now(), config.retention);
  const stats = statsRoutes(analytics, { adminToken, clock });
  await apis.register(async (context) => threescale(context));
  await apis.register(async (context) => internal(context), { prefix: '/internal' });
  const leases = leaseRoutes({ store, lookup, credentials, clock, log });
  await apis.register(async (context) => leases(context), { prefix: '/internal/leases' });
  await apis.register(async (context) => stats(context));
  await apis.register(async (context) => gatewayRoutes(gateways)(context));
  if (testTime === null) return;
  const control = testControlRoutes({ store, configuration, errors, events, accounting, jobs, time: testTime });
  await apis.register(async (context) => control(context), { prefix: '/__test' });
}

/** In order: no new work is sent here, requests under way are answered, jobs in hand are finished, the store is closed. */
function stopper(
  { clock, processClock, store, log }: Ground,
  core: Core,
  health: Health,
  server: FastifyInstance,
): () => Promise<void> {
  let stopping: Promise<void> | null = null;
  const stop = async (): Promise<void> => {
    log.info('backend is stopping');
    health.stop();
    await closeServer(server, processClock);
    await core.stop();
    clock.stop();
    await store.close();
    log.info('backend has stopped');
  };
  return () => (stopping ??= stop());
}
