import type { MappingRule } from '../rules/rule.ts';
import type { BackendDown, CredentialSettings } from './service.ts';
import type { ResponseOverrides } from '../respond.ts';
import { gatewayErrors } from '../../shared/errors.ts';
import type { ErrorEntry } from '../../shared/errors.ts';
import type { ResponseConfiguration, RuleConfiguration, ServiceConfiguration } from './service-schema.ts';
import type { EnvironmentService, GatewaySettings } from './settings.ts';
import { credentialSettings } from './credential-settings.ts';
import { size } from './values.ts';

/** One service, complete with defaults, before it is compiled. */
export interface ServiceSettings {
  readonly id: string;
  readonly tokenKind: 'service_token' | 'provider_key';
  readonly token: string;
  /** Lower case; null: every host that no other service has. */
  readonly hosts: readonly string[] | null;
  readonly upstream: UpstreamTarget;
  readonly credentials: CredentialSettings;
  readonly hideCredentials: 'none' | 'headers' | 'all';
  readonly rules: readonly MappingRule[];
  readonly setHeaders: readonly (readonly [name: string, value: string])[];
  readonly removeHeaders: readonly string[];
  readonly responses: ResponseOverrides;
  readonly backendDown: BackendDown;
  readonly staleSeconds: number;
  readonly encodedSlash: 'refuse' | 'pass';
  readonly mergeSlashes: boolean;
  readonly upgrades: readonly string[];
  readonly maxBodyBytes: number | null;
}

export interface UpstreamTarget {
  readonly url: string;
  /** Host sent upstream; null: the client's own. */
  readonly host: string | null;
  /** Connections open at once; null: the engine's default. */
  readonly connections: number | null;
  /** Requests under way on one of them; null: as the process is set. */
  readonly pipelining: number | null;
}

/** `rules` of a service that has none: every request is one hit. */
const EVERY_REQUEST: readonly RuleConfiguration[] = [{ pattern: '/', metric: 'hits' }];

export function serviceSettings(service: ServiceConfiguration, defaults: GatewaySettings['backend']): ServiceSettings {
  const { responses = {}, requestHeaders = {} } = service;
  return {
    id: String(service.id),
    tokenKind: service.providerKey === undefined ? 'service_token' : 'provider_key',
    token: service.token ?? service.providerKey ?? '',
    hosts: service.hosts?.map((host) => host.toLowerCase()) ?? null,
    upstream: upstreamTarget(service.upstream),
    credentials: credentialSettings(service.credentials ?? {}),
    hideCredentials: service.hideCredentials ?? 'headers',
    rules: (service.rules ?? EVERY_REQUEST).map(mappingRule),
    setHeaders: Object.entries(requestHeaders.set ?? {}),
    removeHeaders: requestHeaders.remove ?? [],
    responses: {
      credentialsMissing: responseOverride(responses.credentialsMissing, gatewayErrors.credentialsMissing),
      credentialsRefused: responseOverride(responses.credentialsRefused, gatewayErrors.credentialsRefused),
      noMatch: responseOverride(responses.noMatch, gatewayErrors.noMappingRule),
      limitsExceeded: responseOverride(responses.limitsExceeded, gatewayErrors.limitsExceeded),
    },
    backendDown: service.backendDown ?? defaults.down,
    staleSeconds: service.staleSeconds ?? defaults.staleSeconds,
    encodedSlash: service.encodedSlash ?? 'refuse',
    mergeSlashes: service.mergeSlashes ?? true,
    upgrades: service.upgrades ?? [],
    maxBodyBytes: typeof service.maxBody === 'string' ? size(service.maxBody) : (service.maxBody ?? null),
  };
}

/** The service of a gateway without a configuration file. */
export function environmentService(service: EnvironmentService, defaults: GatewaySettings['backend']): ServiceSettings {
  return serviceSettings({ id: service.id, token: service.token, upstream: service.upstreamUrl }, defaults);
}

function upstreamTarget(upstream: ServiceConfiguration['upstream']): UpstreamTarget {
  if (typeof upstream === 'string') return { url: upstream, host: null, connections: null, pipelining: null };
  const { url, host = null, connections = null, pipelining = null } = upstream;
  return { url, host, connections, pipelining };
}

function mappingRule(rule: RuleConfiguration): MappingRule {
  return {
    method: rule.method ?? 'ANY',
    pattern: rule.pattern,
    metric: rule.metric,
    delta: rule.delta ?? 1,
    last: rule.last ?? false,
    regex: rule.regex ?? false,
    count: rule.count ?? 'always',
    query: rule.query ?? {},
  };
}

function responseOverride(
  override: ResponseConfiguration | undefined,
  error: ErrorEntry,
): ResponseOverrides['noMatch'] {
  if (override === undefined) return null;
  return {
    status: override.status ?? error.status,
    body: override.body ?? error.publicMessage,
    contentType: override.contentType ?? 'text/plain; charset=utf-8',
  };
}
