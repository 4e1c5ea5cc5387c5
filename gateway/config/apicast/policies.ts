import type { FileConfiguration } from '../schema.ts';
import type { ServiceConfiguration } from '../service-schema.ts';
import type { FromPolicies, Importer } from './policy.ts';
import { importHeaders } from './headers-policy.ts';
import { listOf, numberOf, objectOf, textOf } from './json.ts';
import type { JsonObject } from './json.ts';
import type { Report } from './report.ts';

const NOTHING: Partial<FromPolicies> = {};

/** A policy whose work is always done here. */
function always(text: string): Importer {
  return (_configuration, report) => {
    report.converted(text);
    return NOTHING;
  };
}

/** Policies that we have the feature of; every other one is unsupported. */
const IMPORTERS: ReadonlyMap<string, Importer> = new Map<string, Importer>([
  ['apicast', () => NOTHING],
  ['3scale_batcher', importBatcher],
  ['caching', importCaching],
  ['3scale_referrer', always('policy 3scale_referrer: the Referer field is always sent to the backend')],
  ['rate_limit_headers', always('policy rate_limit_headers: RateLimit fields are always sent')],
  ['on_failed', always('policy on_failed: a fault always ends the request')],
  ['request_unbuffered', always('policy request_unbuffered: bodies are always streamed')],
  ['headers', importHeaders],
  ['websocket', importWebsocket],
  ['payload_limits', importPayloadLimits],
  ['upstream_connection', importUpstreamConnection],
  ['logging', importLogging],
]);

export function importPolicies(proxy: JsonObject, report: Report): FromPolicies {
  let service: Partial<ServiceConfiguration> = {};
  let gateway: Partial<FileConfiguration> = {};
  for (const policy of listOf(proxy['policy_chain']).map(objectOf)) {
    if (policy['enabled'] === false) continue;
    const name = textOf(policy['name']) ?? 'without a name';
    const importer = IMPORTERS.get(name);
    if (importer === undefined) {
      report.unsupported(`policy ${name}`);
      continue;
    }
    const added = importer(objectOf(policy['configuration']), report);
    service = { ...service, ...added.service };
    gateway = { ...gateway, ...added.gateway };
  }
  return { service, gateway };
}

function importBatcher(configuration: JsonObject, report: Report): Partial<FromPolicies> {
  const ttl = numberOf(configuration['auths_ttl']) ?? 10;
  const batch = numberOf(configuration['batch_report_seconds']) ?? 10;
  report.changed('policy 3scale_batcher: for all services; limits are counted here as well, and no report is dropped');
  return { gateway: { authsTtl: `${ttl}s`, reporting: { mode: 'batched', batch: `${batch}s` } } };
}

function importCaching(configuration: JsonObject, report: Report): Partial<FromPolicies> {
  const type = textOf(configuration['caching_type']) ?? 'none';
  if (type === 'resilient' || type === 'allow' || type === 'strict') {
    report.changed(`policy caching ${type}: backendDown; an outage that is not served is 503, not 403`);
    return { service: { backendDown: type } };
  }
  report.changed('policy caching none: decisions hold for authsTtl; 0s asks the backend for every request');
  return { service: { backendDown: 'strict' } };
}

function importWebsocket(_configuration: JsonObject, report: Report): Partial<FromPolicies> {
  report.converted('policy websocket: upgrades');
  return { service: { upgrades: ['websocket'] } };
}

function importPayloadLimits(configuration: JsonObject, report: Report): Partial<FromPolicies> {
  const request = numberOf(configuration['request']) ?? 0;
  if ((numberOf(configuration['response']) ?? 0) > 0) report.unsupported('policy payload_limits: of responses');
  if (request <= 0) return NOTHING;
  report.converted('policy payload_limits: maxBody');
  return { service: { maxBody: Math.trunc(request) } };
}

function importUpstreamConnection(configuration: JsonObject, report: Report): Partial<FromPolicies> {
  const connect = numberOf(configuration['connect_timeout']);
  const read = numberOf(configuration['read_timeout']) ?? numberOf(configuration['send_timeout']);
  report.changed('policy upstream_connection: timeouts are for all services');
  const timeouts = {
    ...(connect === null ? {} : { connect: `${connect}s` }),
    ...(read === null ? {} : { upstream: `${read}s` }),
  };
  return { gateway: { timeouts } };
}

function importLogging(configuration: JsonObject, report: Report): Partial<FromPolicies> {
  if (textOf(configuration['custom_logging']) !== null) report.unsupported('policy logging: an own format');
  report.changed('policy logging: the access log is of all services, JSON lines, and off unless log.access says where');
  return configuration['enable_access_logs'] === false ? NOTHING : { gateway: { log: { access: 'stdout' } } };
}
