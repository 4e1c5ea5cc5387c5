import type { WorkerConfig } from './config.ts';
import { closeServer } from './http/close-server.ts';
import { Health } from './http/health/routes.ts';
import { storeCheck } from './http/health/store.ts';
import { metricsRoutes } from './http/metrics/routes.ts';
import { createServer } from './http/server.ts';
import { createCore } from './start/core.ts';
import { addressesOf, openGround } from './start/process.ts';
import type { GroundOptions, Running } from './start/process.ts';

/** Starts a process that works through the queues of the backends, and tells its operator of it on the admin port. */
export async function startWorker(config: WorkerConfig, options: GroundOptions = {}): Promise<Running> {
  const ground = await openGround('worker', config, options);
  const { clock, processClock, store, log, metrics } = ground;
  const core = await createCore(config, { ...ground, besideClients: false });
  const health = new Health([storeCheck(store), clock.health, core.preparation.health], processClock);
  const server = await createServer(ground);
  let stopping: Promise<void> | null = null;
  const stop = async (): Promise<void> => {
    log.info('worker is stopping');
    health.stop();
    await core.stop();
    await closeServer(server, processClock);
    clock.stop();
    await store.close();
    log.info('worker has stopped');
  };
  const running = { log, shutdownMs: config.shutdownMs, stop: () => (stopping ??= stop()) };
  try {
    await server.register(async (context) => health.routes(context));
    await server.register(async (context) => metricsRoutes(metrics)(context));
    await core.preparation.start(() => core.work());
    await server.listen({ host: config.adminHost, port: config.adminPort });
  } catch (error) {
    await running.stop();
    throw error;
  }
  log.info({ addresses: server.addresses() }, 'worker is running');
  return { ...running, addresses: addressesOf(server) };
}
