import { isObject, listOf, objectOf } from './json.ts';
import type { JsonObject } from './json.ts';

/** One service as the 3scale gateway has it, with its entry of the parallel list `oidc`. */
export interface ApicastService {
  readonly service: JsonObject;
  readonly proxy: JsonObject;
  readonly oidc: unknown;
}

/**
 * The services of a proxy configuration in either form: `{services: [...]}` as in THREESCALE_CONFIG_FILE, or
 * `{proxy_configs: [{proxy_config: {content}}]}` as the portal answers it. Null when it is neither.
 */
export function apicastServices(json: unknown): readonly ApicastService[] | null {
  if (!isObject(json)) return null;
  if (Array.isArray(json['proxy_configs'])) return json['proxy_configs'].map(contentOf);
  if (isObject(json['proxy_config'])) return [contentOf(json)];
  const services = listOf(json['services']);
  if (services.length === 0 || !services.every((service) => isObject(service) && isObject(service['proxy'])))
    return null;
  const oidc = listOf(json['oidc']);
  return services.map((service, index) => serviceOf(objectOf(service), oidc[index]));
}

function contentOf(entry: unknown): ApicastService {
  return serviceOf(objectOf(objectOf(objectOf(entry)['proxy_config'])['content']), null);
}

function serviceOf(service: JsonObject, oidc: unknown): ApicastService {
  return { service, proxy: objectOf(service['proxy']), oidc: oidc ?? service['oidc'] ?? null };
}
