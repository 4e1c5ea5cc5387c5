import type { Authorization } from '../authorization/authorization.ts';
import type { Call } from '../authorization/authorizer.ts';
import type { LiveConfiguration } from '../config/live.ts';
import type { HttpServer } from '../http1/server.ts';
import type { MetricSources } from '../metrics/sources.ts';

export interface MeasuredGateway {
  readonly authorization: Authorization;
  readonly live: LiveConfiguration;
  readonly accessLog: { readonly dropped: number } | null;
  readonly server: () => HttpServer<Call>;
}

/** Where each figure of the gateway's metrics is read. */
export function metricSources({ authorization, live, accessLog, server }: MeasuredGateway): MetricSources {
  return {
    ...authorization.metrics,
    configReloads: () => Object.entries(live.reloads),
    connections: () => server().counters.open,
    engineErrors: () => server().counters.refused,
    accessLogDropped: () => accessLog?.dropped ?? 0,
  };
}
