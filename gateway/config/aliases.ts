import { availableParallelism } from 'node:os';
import type { EnvironmentMap } from '../../shared/env.ts';

/** Names of the 3scale gateway that are read where ours are unset. */
export const ALIASES: Readonly<Record<string, readonly string[]>> = {
  CONFIG_FILE: ['THREESCALE_CONFIG_FILE'],
  BACKEND_URL: ['BACKEND_ENDPOINT_OVERRIDE'],
  REPORTING_THREADS: ['APICAST_REPORTING_THREADS'],
  WORKERS: ['APICAST_WORKERS'],
  BACKEND_DOWN: ['APICAST_BACKEND_CACHE_HANDLER'],
  LOG_LEVEL: ['APICAST_LOG_LEVEL'],
  ACCESS_LOG: ['APICAST_ACCESS_LOG_FILE'],
};

/** Values that those names have there, and ours for them. */
const TRANSLATIONS: Readonly<Record<string, ReadonlyMap<string, string>>> = {
  // Without a cache every outage is an outage at once, which is what strict is.
  APICAST_BACKEND_CACHE_HANDLER: new Map([['none', 'strict']]),
  APICAST_LOG_LEVEL: new Map([
    ['notice', 'info'],
    ['crit', 'fatal'],
    ['alert', 'fatal'],
    ['emerg', 'fatal'],
  ]),
  APICAST_ACCESS_LOG_FILE: new Map([
    ['/dev/stdout', 'stdout'],
    ['/dev/null', 'off'],
  ]),
};

/** The same environment with the values of aliases translated; `WORKERS=auto` becomes the number of processors. */
export function translateAliases(env: EnvironmentMap): EnvironmentMap {
  const translated: Record<string, string | undefined> = { ...env };
  for (const [name, values] of Object.entries(TRANSLATIONS)) {
    const value = env[name];
    if (value !== undefined) translated[name] = values.get(value.trim()) ?? value;
  }
  for (const name of ['WORKERS', 'APICAST_WORKERS']) {
    if (env[name]?.trim() === 'auto') translated[name] = String(availableParallelism());
  }
  return translated;
}

/** Settings of the 3scale gateway that change what it serves or to whom, and that nothing here stands for. */
const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  THREESCALE_PORTAL_ENDPOINT: 'configuration is read from CONFIG_FILE only; convert it with "tallygate import apicast"',
  APICAST_SERVICES_LIST: 'list the services in CONFIG_FILE',
  APICAST_SERVICES_FILTER_BY_URL: 'list the services in CONFIG_FILE',
  APICAST_PATH_ROUTING: 'services are found by host only',
  APICAST_PATH_ROUTING_ONLY: 'services are found by host only',
  APICAST_HTTPS_PORT: 'TLS is ended in front of the gateway',
  APICAST_MANAGEMENT_API: 'the admin port only reads',
  APICAST_UPSTREAM_RETRY_CASES:
    'requests are sent again only when nothing of them was sent or the method is idempotent',
  APICAST_RESPONSE_CODES: 'response codes are always reported',
};

/** One sentence for each variable that is set and has no effect. */
export function withoutEffect(env: EnvironmentMap): readonly string[] {
  return Object.entries(WITHOUT_EFFECT)
    .filter(([name]) => (env[name] ?? '') !== '')
    .map(([name, instead]) => `${name}: it has no effect here; ${instead}`);
}
