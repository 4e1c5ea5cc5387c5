import type { Clock } from '../shared/clock.ts';
import type { EnvironmentMap } from '../shared/env.ts';
import type { Logger } from '../shared/log.ts';
import { AdminServer } from './admin/server.ts';
import { startAuthorization } from './authorization/authorization.ts';
import type { Authorization } from './authorization/authorization.ts';
import type { Call } from './authorization/authorizer.ts';
import type { GatewaySettings } from './config/settings.ts';
import { LiveConfiguration } from './config/live.ts';
import type { Configuration } from './config/read.ts';
import { redactedConfiguration } from './config/redact.ts';
import type { Service } from './config/service.ts';
import type { Exchange } from './http1/contract.ts';
import { createServer } from './http1/server.ts';
import type { HttpServer } from './http1/server.ts';
import { openAccessLog } from './metrics/access-log.ts';
import { GatewayMetrics } from './metrics/metrics.ts';
import { createRequestHandler } from './request.ts';
import { createResponses } from './respond.ts';
import { authorizationSettings } from './start/authorization-settings.ts';
import { engineDeps } from './start/engine-deps.ts';
import { metricSources } from './start/metric-sources.ts';
import { readinessChecks } from './start/readiness.ts';
import { serverConfig } from './start/server-config.ts';
import { upstreamFactory } from './start/upstreams.ts';

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
  /** Reads the configuration file and reopens the access log (SIGHUP). */
  reload(): Promise<void>;
  /** Not ready at once; finishes what is under way, delivers usage as far as time allows, closes everything. Safe to call twice. */
  stop(): Promise<void>;
}

/** Longest time that a gateway which could not start takes to end, ms. */
const START_FAILED_STOP = 1_000;

/** Builds a gateway from its configuration and starts it. */
export async function startGateway(configuration: Configuration, deps: GatewayDeps): Promise<RunningGateway> {
  const { clock, log } = deps;
  const { settings } = configuration;
  const engine = engineDeps(clock, log);
  const live = new LiveConfiguration(configuration, { ...deps, createUpstream: upstreamFactory(engine) });
  const authorization = await startAuthorization(authorizationSettings(settings), {
    clock,
    log,
    services: () => live.services().all,
  });
  const accessLog = await openAccessLog(settings.accessLog, clock, log);
  const metrics = new GatewayMetrics(metricSources({ authorization, live, accessLog, server: () => server }), clock);
  const observe = (exchange: Exchange<Call>): void => {
    metrics.observe(exchange);
    accessLog?.write(exchange);
  };
  const { authorizer, journal } = authorization;
  const refuses = settings.journal.full === 'refuse';
  const handler = createRequestHandler({
    services: live.services,
    authorizer,
    responses: createResponses(),
    unrecordable: () => refuses && !journal.writable,
    observe,
  });
  const rules = (host: string): Service | null => live.services().find(host);
  const server: HttpServer<Call> = createServer(serverConfig(settings), { ...engine, handler, rules });
  let stopping: Promise<void> | null = null;
  const admin = new AdminServer({
    log,
    checks: readinessChecks({ authorization, server, stopping: () => stopping !== null }),
    scrape: () => metrics.scrape(),
    configuration: () => redactedConfiguration(live.configuration),
  });
  const parts = { server, authorization, admin, live, accessLog };
  const adminPort = await open(parts, deps, settings);
  log.info({ proxy: server.port, admin: adminPort, services: live.services().all.length }, 'gateway is listening');
  return {
    ports: { proxy: server.port, admin: adminPort },
    log,
    shutdownMs: settings.shutdownSeconds * 1000,
    async reload() {
      await Promise.all([live.reload(), accessLog?.reopen()]);
    },
    stop() {
      stopping ??= stop(parts, deps, settings.shutdownSeconds * 1000);
      return stopping;
    },
  };
}

interface Parts {
  readonly server: HttpServer<Call>;
  readonly authorization: Authorization;
  readonly admin: AdminServer;
  readonly live: LiveConfiguration;
  readonly accessLog: { close(): Promise<void> } | null;
}

/** Listens; resolves to the admin port. A port that cannot be had ends everything, so that the process ends as well. */
async function open(parts: Parts, deps: GatewayDeps, settings: GatewaySettings): Promise<number> {
  const { server, admin, live } = parts;
  try {
    const adminPort = await admin.listen(settings.adminHost, settings.adminPort);
    await server.listen({ host: settings.host, port: settings.port });
    await live.watch();
    return adminPort;
  } catch (error) {
    await stop(parts, deps, START_FAILED_STOP);
    throw error;
  }
}

/** Requests first, then their usage, each within its share of the time; what is left of usage stays in the journal. */
async function stop(parts: Parts, { clock, log }: GatewayDeps, within: number): Promise<void> {
  const { server, authorization, admin, live, accessLog } = parts;
  log.info('gateway is stopping');
  const deadline = clock.monotonic() + within;
  const cut = clock.after(within * 0.6, () => void server.close());
  await server.drain();
  cut.cancel();
  const delivered = await authorization.stop(Math.max(500, (deadline - clock.monotonic()) * 0.8));
  if (!delivered) log.warn('usage is left in the journal; the next gateway with this JOURNAL_DIR delivers it');
  await accessLog?.close();
  await live.close();
  await admin.close();
  log.info('gateway has stopped');
}
