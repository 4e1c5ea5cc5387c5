import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importApicast } from '../../../../gateway/config/apicast/import.ts';
import type { Imported } from '../../../../gateway/config/apicast/import.ts';
import { apicastServices } from '../../../../gateway/config/apicast/source.ts';
import { parseConfigurationFile } from '../../../../gateway/config/file.ts';
import { ConfigurationError } from '../../../../shared/env.ts';
import { packageRoot } from '../../../../shared/package-root.ts';
import { importedYaml, reportText } from '../../../../bin/import-text.ts';

const BACKEND = { endpoint: 'http://backend.test' };
const RULE = { http_method: 'GET', pattern: '/', metric_system_name: 'hits', delta: 1 };

function imported(proxy: object, service: object = {}): Imported {
  const token = { backend_authentication_type: 'service_token', backend_authentication_value: 't' };
  const full = { api_backend: 'http://app.test', hosts: ['a.test'], backend: BACKEND, proxy_rules: [RULE], ...proxy };
  return importApicast(
    apicastServices({ services: [{ id: 1, backend_version: '1', ...token, ...service, proxy: full }] }) ?? [],
  );
}

function unsupported({ report }: Imported): readonly string[] {
  return report.filter(({ fate }) => fate === 'unsupported').map(({ text }) => text);
}

/** The one service as it was converted. */
function serviceOf({ configuration }: Imported): unknown {
  return configuration.services?.[0];
}

describe('a whole configuration', () => {
  const text = readFileSync(join(packageRoot, 'test/fixtures/config/apicast.json'), 'utf8');
  const result = importApicast(apicastServices(JSON.parse(text)) ?? []);

  it('becomes one that check accepts', () => {
    expect(result.problems).toEqual([]);
    const { configuration } = parseConfigurationFile(importedYaml(result, 'apicast.json'), 'out.yaml');
    expect(configuration).toEqual(result.configuration);
    expect(configuration.services).toHaveLength(2);
  });

  it('is reported part by part', () => {
    expect(reportText(result).split('\n').at(-1)).toBe('import: 5 converted, 4 changed, 5 unsupported');
  });

  it('is the same in the form of the portal', () => {
    const { services } = JSON.parse(text) as { services: unknown[] };
    const remote = { proxy_configs: services.map((content) => ({ proxy_config: { version: 3, content } })) };
    expect(importApicast(apicastServices(remote) ?? [])).toEqual(result);
  });

  it('is not loaded as it is while something of it would be left out', () => {
    expect(() => parseConfigurationFile(text, 'apicast.json')).toThrow(ConfigurationError);
    expect(() => parseConfigurationFile(text, 'apicast.json')).toThrow(/policy ip_check; convert it with/);
  });
});

it('a configuration that can be converted wholly is loaded as it is', () => {
  const service = { id: 1, backend_version: '1', backend_authentication_value: 't' };
  const proxy = { api_backend: 'http://app.test', hosts: ['a.test'], backend: BACKEND, proxy_rules: [RULE] };
  const { configuration } = parseConfigurationFile(JSON.stringify({ services: [{ ...service, proxy }] }), 'c.json');
  expect(configuration.services?.[0]).toMatchObject({
    id: '1',
    token: 't',
    hosts: ['a.test'],
    upstream: { url: 'http://app.test' },
  });
});

describe('credentials', () => {
  it.each([
    [{ credentials_location: 'headers' }, ['header']],
    [{ credentials_location: 'authorization' }, ['basic']],
    [{ credentials_location: 'query' }, ['query', 'form']],
    [{}, ['query', 'form']],
  ])('%j', (proxy, places) => expect(serviceOf(imported(proxy))).toMatchObject({ credentials: { in: places } }));

  it('of a service with app_id and app_key', () => {
    const result = imported({ auth_app_id: 'Id', auth_app_key: 'Key' }, { backend_version: '2' });
    expect(serviceOf(result)).toMatchObject({ credentials: { kinds: ['app_id'], appId: 'id', appKey: 'key' } });
  });

  it('OpenID Connect is said to be unsupported', () => {
    expect(unsupported(imported({}, { backend_version: 'oauth' }))).toEqual([
      expect.stringContaining('OpenID Connect'),
    ]);
  });

  it('a provider key stays one', () => {
    const result = imported({}, { backend_authentication_type: 'provider_key', backend_authentication_value: 'pk' });
    expect(serviceOf(result)).toMatchObject({ providerKey: 'pk' });
  });
});

describe('mapping rules', () => {
  it.each([
    ['/z*', { pattern: '/z*', regex: true }],
    ['/a(b|c)', { pattern: '/a(b|c)', regex: true }],
    ['/a$b', { pattern: '/a$b', regex: true }],
    ['/a$', { pattern: '/a$' }],
    ['/{a+}', { pattern: '/{a+}' }],
    ['/q?x=1', { pattern: '/q' }],
  ])('%s', (pattern, expected) => {
    const result = serviceOf(imported({ proxy_rules: [{ ...RULE, pattern }] }));
    expect(result).toMatchObject({ rules: [{ ...expected, method: 'GET', metric: 'hits', delta: 1 }] });
  });

  it('an absent delta is 0', () => {
    expect(serviceOf(imported({ proxy_rules: [{ pattern: '/', metric_system_name: 'hits' }] }))).toMatchObject({
      rules: [{ method: 'ANY', delta: 0 }],
    });
  });

  it('one that cannot be said here is left out and reported', () => {
    const result = imported({ proxy_rules: [RULE, { ...RULE, pattern: String.raw`/\bx` }, { pattern: '/' }] });
    expect(serviceOf(result)).toMatchObject({ rules: [{ pattern: '/' }] });
    expect(unsupported(result)).toHaveLength(2);
  });
});

describe('policies', () => {
  const chain = (name: string, configuration: object = {}) => imported({ policy_chain: [{ name, configuration }] });

  it.each<[string, object, object]>([
    ['caching', { caching_type: 'allow' }, { services: [{ backendDown: 'allow' }] }],
    ['3scale_batcher', { auths_ttl: 3 }, { authsTtl: '3s', reporting: { mode: 'batched', batch: '10s' } }],
    ['websocket', {}, { services: [{ upgrades: ['websocket'] }] }],
    ['payload_limits', { request: 1000 }, { services: [{ maxBody: 1000 }] }],
    ['upstream_connection', { connect_timeout: 2, read_timeout: 30 }, { timeouts: { connect: '2s', upstream: '30s' } }],
    ['logging', { enable_access_logs: true }, { log: { access: 'stdout' } }],
  ])('%s', (name, configuration, expected) => {
    const result = chain(name, configuration);
    expect(result.configuration).toMatchObject(expected);
    expect(unsupported(result)).toEqual([]);
    expect(result.problems).toEqual([]);
  });

  it.each(['ip_check', 'cors', 'jwt_claim_check', 'default_credentials'])('%s is unsupported', (name) => {
    expect(unsupported(chain(name))).toEqual([`policy ${name}`]);
  });

  it('one that is switched off is not there', () => {
    expect(unsupported(imported({ policy_chain: [{ name: 'cors', enabled: false }] }))).toEqual([]);
  });

  it('a field that could break a head is a problem, not a line', () => {
    const result = chain('headers', { request: [{ op: 'set', header: 'X-A', value: 'a\r\nX-B: c' }] });
    expect(result.problems).toEqual([expect.stringContaining('services.0.requestHeaders.set.X-A')]);
  });
});

it('several backends cannot be one', () => {
  const service = (endpoint: string, host: string) => ({
    proxy: { backend: { endpoint }, api_backend: 'http://a.test', hosts: [host] },
  });
  const services = apicastServices({ services: [service('http://x.test', 'a'), service('http://y.test', 'b')] }) ?? [];
  expect(unsupported(importApicast(services))[0]).toMatch(/^several backends/);
});

it.each([null, 1, {}, { services: [] }, { services: [{ id: 'a', upstream: 'x' }] }])(
  '%j is none of a 3scale gateway',
  (json) => {
    expect(apicastServices(json)).toBeNull();
  },
);
