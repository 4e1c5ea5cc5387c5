import { env, argv } from 'node:process';
import type { Authorizer, Call, Decision } from '../../gateway/authorization/authorizer.ts';
import { CacheEntry, CredentialCache } from '../../gateway/authorization/credential-cache.ts';
import { REFUSED_CREDENTIALS } from '../../gateway/authorization/decisions.ts';
import { rateLimitFields, rateLimitPrefix } from '../../gateway/authorization/rate-limit-fields.ts';
import { LiveConfiguration } from '../../gateway/config/live.ts';
import { readConfiguration } from '../../gateway/config/read.ts';
import { createServer } from '../../gateway/http1/server.ts';
import { GatewayMetrics } from '../../gateway/metrics/metrics.ts';
import type { MetricSources } from '../../gateway/metrics/sources.ts';
import { createRequestHandler } from '../../gateway/request.ts';
import { createResponses } from '../../gateway/respond.ts';
import { engineDeps } from '../../gateway/start/engine-deps.ts';
import { serverConfig } from '../../gateway/start/server-config.ts';
import { upstreamFactory } from '../../gateway/start/upstreams.ts';
import { systemClock } from '../../shared/clock.ts';
import { createLogger } from '../../shared/log.ts';
import { userKeys } from './setup.ts';

/**
 * The gateway without leases and journal, as what those are measured against: the same engine, routing, credentials,
 * mapping rules, answers and metrics, and a decision from memory that counts nothing. Settings as of `tallygate gateway`.
 * Argument: number of known callers.
 */
class UncountedAuthorizer implements Authorizer {
  readonly #callers: CredentialCache<CacheEntry>;
  /** As long as what a limited caller is told. */
  readonly #decision: Decision = {
    allowed: true,
    headers: rateLimitFields(rateLimitPrefix('hits', 'minute', 1_000_000_000, systemClock.now()), 999_999_999, 60),
  };

  constructor(service: string, keys: readonly string[]) {
    this.#callers = new CredentialCache(keys.length, () => undefined);
    for (const userKey of keys) this.#callers.add(new CacheEntry(service, { kind: 'user_key', userKey }));
  }

  authorize({ service, credentials }: Call): Decision {
    return this.#callers.get(service.id, credentials) === undefined ? REFUSED_CREDENTIALS : this.#decision;
  }

  abandon(): void {}
  takeBack(): void {}
  finished(): void {}
  settle(): void {}

  commit(): boolean {
    return true;
  }
}

const [applications = 1] = argv.slice(2).map(Number);
const log = createLogger('gateway', 'warn');
const engine = engineDeps(systemClock, log);
const configuration = readConfiguration(env);
const live = new LiveConfiguration(configuration, {
  env,
  clock: systemClock,
  log,
  createUpstream: upstreamFactory(engine, 1),
});
const [service] = configuration.services;
const metrics = new GatewayMetrics(nothingCounted(), systemClock);
const handler = createRequestHandler({
  services: live.services,
  authorizer: new UncountedAuthorizer(service?.id ?? '', userKeys(applications)),
  responses: createResponses(),
  unrecordable: () => false,
  observe: (exchange) => metrics.observe(exchange),
});
const server = createServer<Call>(serverConfig(configuration.settings, 1), {
  ...engine,
  handler,
  rules: (host) => live.services().find(host),
});
await server.listen({ port: configuration.settings.port, host: configuration.settings.host });
console.log('ready');

/** What is read at a scrape only, of parts that are not here. */
function nothingCounted(): MetricSources {
  const zero = (): number => 0;
  const none = (): [] => [];
  return {
    authCache: none,
    authCacheEntries: zero,
    authCacheEvictions: zero,
    backendCalls: none,
    usagePending: zero,
    usageOldestSeconds: zero,
    usageLost: zero,
    usageUncertain: zero,
    usageUnits: none,
    usageSetAside: zero,
    batchesReplayed: zero,
    batchesLetGo: zero,
    tokensRefused: zero,
    journalBytes: zero,
    journalDamaged: zero,
    batches: none,
    reportingThreads: zero,
    reportingThreadsBusy: zero,
    reportingDeliveries: none,
    leaseWaits: zero,
    leaseUnits: none,
    leases: none,
    leaseMessages: zero,
    limited: none,
    overshoot: zero,
    configReloads: none,
    connections: zero,
    engineErrors: none,
    accessLogDropped: zero,
  };
}
