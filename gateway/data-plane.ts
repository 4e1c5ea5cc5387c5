import type { Clock } from '../shared/clock.ts';
import type { EnvironmentMap } from '../shared/env.ts';
import type { Logger } from '../shared/log.ts';
import { readiness } from './admin/health.ts';
import type { HealthAnswer } from './admin/health.ts';
import { startAuthorization } from './authorization/authorization.ts';
import type { Authorization } from './authorization/authorization.ts';
import type { Call } from './authorization/authorizer.ts';
import { LiveConfiguration } from './config/live.ts';
import type { Configuration } from './config/read.ts';
import type { Service } from './config/service.ts';
import type { Exchange } from './http1/contract.ts';
import { createServer } from './http1/server.ts';
import type { HttpServer } from './http1/server.ts';
import { openAccessLog } from './metrics/access-log.ts';
import type { AccessLog } from './metrics/access-log.ts';
import { GatewayMetrics } from './metrics/metrics.ts';
import type { Threads } from './reporting/pool.ts';
import { createRequestHandler } from './request.ts';
import { createResponses } from './respond.ts';
import { authorizationSettings } from './start/authorization-settings.ts';
import { engineDeps } from './start/engine-deps.ts';
import { metricSources } from './start/metric-sources.ts';
import { readinessChecks } from './start/readiness.ts';
import { serverConfig } from './start/server-config.ts';
import { upstreamFactory } from './start/upstreams.ts';

export interface DataPlaneDeps {
  readonly env: EnvironmentMap;
  readonly clock: Clock;
  readonly log: Logger;
  /** Processes that share the gateway's bounds. Absent: 1. */
  readonly workers?: number;
  /** Reporting threads of another process of this gateway. Absent: it has its own. */
  readonly threads?: Threads;
}

/** What serves requests in one process: everything of a gateway but its admin port. */
export interface DataPlane {
  readonly live: LiveConfiguration;
  readonly metrics: GatewayMetrics;
  readonly authorization: Authorization;
  /** Resolves to the port that it listens on. Rejects when it cannot listen. */
  listen(host: string, port: number): Promise<number>;
  readiness(): HealthAnswer;
  /** Opens the access log again: it was moved away. */
  reopenLog(): Promise<void>;
  /** Not ready at once; finishes what is under way, delivers usage as far as `within` ms allow, closes everything. Safe to call twice. */
  stop(within: number): Promise<void>;
}

/** Builds it from its configuration; it serves once it listens. */
export async function startDataPlane(configuration: Configuration, deps: DataPlaneDeps): Promise<DataPlane> {
  const { clock, log, threads, workers = 1 } = deps;
  const { settings } = configuration;
  const engine = engineDeps(clock, log);
  const live = new LiveConfiguration(configuration, { ...deps, createUpstream: upstreamFactory(engine, workers) });
  const authorization = await startAuthorization(authorizationSettings(settings, workers), {
    clock,
    log,
    services: () => live.services().all,
    threads,
  });
  const accessLog = await openAccessLog(settings.accessLog, workers > 1, clock, log);
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
  const server: HttpServer<Call> = createServer(serverConfig(settings, workers), { ...engine, handler, rules });
  let stopping: Promise<void> | null = null;
  const checks = readinessChecks({ authorization, server, stopping: () => stopping !== null });
  return {
    live,
    metrics,
    authorization,
    async listen(host, port) {
      await server.listen({ host, port });
      return server.port;
    },
    readiness: () => readiness(checks),
    async reopenLog() {
      await accessLog?.reopen();
    },
    stop(within) {
      stopping ??= stop({ server, authorization, live, accessLog }, deps, within);
      return stopping;
    },
  };
}

interface Parts {
  readonly server: HttpServer<Call>;
  readonly authorization: Authorization;
  readonly live: LiveConfiguration;
  readonly accessLog: AccessLog | null;
}

/** Requests first, then their usage, each within its share of the time; what is left of usage stays in the journal. */
async function stop(parts: Parts, { clock, log }: DataPlaneDeps, within: number): Promise<void> {
  const { server, authorization, live, accessLog } = parts;
  const deadline = clock.monotonic() + within;
  const cut = clock.after(within * 0.6, () => void server.close());
  await server.drain();
  cut.cancel();
  const delivered = await authorization.stop(Math.max(500, (deadline - clock.monotonic()) * 0.8));
  if (!delivered) log.warn('usage is left in the journal; the next gateway with this JOURNAL_DIR delivers it');
  await accessLog?.close();
  await live.close();
}
