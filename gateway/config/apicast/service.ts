import type { ServiceConfiguration } from '../service-schema.ts';
import { targetProblem } from '../target.ts';
import { listOf, objectOf, textOf } from './json.ts';
import type { JsonObject } from './json.ts';
import type { FromPolicies } from './policy.ts';
import type { Report } from './report.ts';
import { importResponses } from './responses.ts';
import { importRules } from './rules.ts';
import type { ApicastService } from './source.ts';

/** One service in our form; null when it cannot be one here. `taken`: hosts of the services before it. */
export function importService(
  { service, proxy, oidc }: ApicastService,
  policies: FromPolicies['service'],
  taken: Set<string>,
  report: Report,
): ServiceConfiguration | null {
  const upstream = importUpstream(proxy, report);
  const hosts = importHosts(proxy, taken, report);
  if (upstream === null || hosts.length === 0) return null;
  const responses = importResponses(proxy, report);
  const secret = textOf(proxy['secret_token']);
  const set = {
    ...policies.requestHeaders?.set,
    ...(secret === null ? {} : { 'X-3scale-proxy-secret-token': secret }),
  };
  const { remove } = policies.requestHeaders ?? {};
  const requestHeaders = {
    ...(Object.keys(set).length === 0 ? {} : { set }),
    ...(remove === undefined ? {} : { remove }),
  };
  return {
    id: textOf(service['id']) ?? 'default',
    ...importToken(service, report),
    hosts,
    upstream,
    credentials: importCredentials(service, proxy, oidc, report),
    // As before: the app gets the credentials that the gateway got.
    hideCredentials: 'none',
    rules: importRules(proxy, report),
    ...(Object.keys(requestHeaders).length === 0 ? {} : { requestHeaders }),
    ...(Object.keys(responses).length === 0 ? {} : { responses }),
    ...without(policies, 'requestHeaders'),
  };
}

function without<T extends object, K extends keyof T>(members: T, name: K): Omit<T, K> {
  const { [name]: _left, ...rest } = members;
  return rest;
}

function importToken(service: JsonObject, report: Report): Pick<ServiceConfiguration, 'token' | 'providerKey'> {
  const value = textOf(service['backend_authentication_value']);
  if (value === null) report.unsupported('no backend_authentication_value: fill in the token');
  const token = value ?? 'FILL-IN';
  return service['backend_authentication_type'] === 'provider_key' ? { providerKey: token } : { token };
}

function importUpstream(proxy: JsonObject, report: Report): ServiceConfiguration['upstream'] | null {
  const backend = textOf(proxy['api_backend']);
  if (backend === null || !URL.canParse(backend)) {
    report.unsupported('no api_backend that is a URL: the service is left out');
    return null;
  }
  const { origin, host, pathname } = new URL(backend);
  if (pathname !== '/')
    report.unsupported(`the path ${pathname} of api_backend: requests are sent on with their own path`);
  const problem = targetProblem(origin, { unixSockets: false, path: false });
  if (problem !== null) {
    report.unsupported(`api_backend: ${problem.wrong}; the service is left out`);
    return null;
  }
  return { url: origin, host: textOf(proxy['hostname_rewrite']) ?? host };
}

function importHosts(proxy: JsonObject, taken: Set<string>, report: Report): string[] {
  const names = listOf(proxy['hosts']).flatMap((host) => textOf(host) ?? []);
  const hosts: string[] = [];
  for (const name of names.length === 0 ? ['localhost'] : names) {
    const host = name.toLowerCase();
    if (host !== name) report.changed(`host ${name} never matched, being in upper case; now it does`);
    if (taken.has(host)) report.changed(`host ${host} is of a service before this one`);
    else hosts.push(host);
    taken.add(host);
  }
  if (hosts.length === 0) report.unsupported('no host of its own: the service is left out');
  return hosts;
}

function importCredentials(
  service: JsonObject,
  proxy: JsonObject,
  oidc: unknown,
  report: Report,
): NonNullable<ServiceConfiguration['credentials']> {
  const version = textOf(proxy['authentication_method']) ?? textOf(service['backend_version']) ?? '1';
  if (version === 'oidc' || version === 'oauth' || Object.keys(objectOf(oidc)).length > 0) {
    report.unsupported('OpenID Connect: tokens are not accepted, only app_id and app_key');
  }
  const names = {
    userKey: textOf(proxy['auth_user_key']),
    appId: textOf(proxy['auth_app_id']),
    appKey: textOf(proxy['auth_app_key']),
  };
  return {
    in: importPlaces(proxy, report),
    kinds: version === '1' ? ['user_key'] : ['app_id'],
    ...Object.fromEntries(
      Object.entries(names).flatMap(([ours, name]) => (name === null ? [] : [[ours, name.toLowerCase()]])),
    ),
  };
}

function importPlaces(proxy: JsonObject, report: Report): ('query' | 'header' | 'basic' | 'form')[] {
  const location = textOf(proxy['credentials_location']) ?? 'query';
  switch (location) {
    case 'headers':
      return ['header'];
    case 'authorization':
      return ['basic'];
    case 'query':
      return ['query', 'form'];
    default:
      report.unsupported(`credentials_location ${location}: query is used`);
      return ['query', 'form'];
  }
}
