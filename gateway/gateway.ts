import type { Clock } from '../shared/clock.ts';
import type { EnvironmentMap } from '../shared/env.ts';
import type { Logger } from '../shared/log.ts';
import { AdminServer } from './admin/server.ts';
import type { Configuration } from './config/read.ts';
import { redactedConfiguration } from './config/redact.ts';
import { startDataPlane } from './data-plane.ts';

export interface GatewayDeps {
  readonly env: EnvironmentMap;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A started gateway: where it listens, and how it is ended. */
export interface RunningGateway {
  readonly ports: { readonly proxy: number; readonly admin: number };
  readonly log: Logger;
  /** Longest time that `stop` may take, ms. */
  readonly shutdownMs: number;
  /** Resolves when it cannot go on. Absent: that does not happen. */
  readonly broken?: Promise<Error>;
  /** Reads the configuration file and reopens the access log (SIGHUP). */
  reload(): Promise<void>;
  /** Not ready at once; finishes what is under way, delivers usage as far as time allows, closes everything. Safe to call twice. */
  stop(): Promise<void>;
}

/** Longest time that a gateway which could not start takes to end, ms. */
const START_FAILED_STOP = 1_000;

/** Builds a gateway of one process from its configuration and starts it. */
export async function startGateway(configuration: Configuration, deps: GatewayDeps): Promise<RunningGateway> {
  const { log } = deps;
  const { host, port, adminHost, adminPort, shutdownSeconds } = configuration.settings;
  const plane = await startDataPlane(configuration, deps);
  const { live, metrics } = plane;
  const admin = new AdminServer({
    log,
    readiness: () => plane.readiness(),
    scrape: () => metrics.scrape(),
    configuration: () => redactedConfiguration(live.configuration),
  });
  async function open(): Promise<RunningGateway['ports']> {
    const ofAdmin = await admin.listen(adminHost, adminPort);
    const proxy = await plane.listen(host, port);
    await live.watch();
    return { proxy, admin: ofAdmin };
  }
  async function close(within: number): Promise<void> {
    log.info('gateway is stopping');
    await plane.stop(within);
    await admin.close();
    log.info('gateway has stopped');
  }
  // A port that cannot be had ends everything, so that the process ends as well.
  const ports = await open().catch(async (error: unknown) => {
    await close(START_FAILED_STOP);
    throw error;
  });
  log.info({ ...ports, services: live.services().all.length }, 'gateway is listening');
  const shutdownMs = shutdownSeconds * 1000;
  let stopping: Promise<void> | null = null;
  return {
    ports,
    log,
    shutdownMs,
    async reload() {
      await Promise.all([live.reload(), plane.reopenLog()]);
    },
    stop() {
      stopping ??= close(shutdownMs);
      return stopping;
    },
  };
}
