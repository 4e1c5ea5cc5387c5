import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../harness/latch.ts';
import { freePorts } from '../harness/ports.ts';
import { startNode } from '../harness/process.ts';
import type { TestProcess } from '../harness/process.ts';

/** Longest wait for a process to be ready, ms. */
const READY_TIMEOUT = 30_000;
const TOKEN = 'attack-token';

export interface GatewayOptions {
  /** Of head, body, idle connections and upstream, ms. */
  readonly timeout: number;
  readonly pipelining: number;
}

export interface RunningGateway {
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts the gateway as it runs in production, before a backend of its own and an upstream on 127.0.0.1. */
export async function startGateway(
  upstreamPort: number,
  { timeout, pipelining }: GatewayOptions,
): Promise<RunningGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'tg-attacks-'));
  const [backendPort = 0, port = 0, adminPort = 0] = await freePorts(3);
  const configFile = join(folder, 'gateway.json');
  await writeFile(configFile, JSON.stringify(configuration(upstreamPort)));
  const backend = await startNode('bin/tallygate.js', ['backend'], {
    env: { PORT: String(backendPort), DATA_DIR: join(folder, 'store'), LOG_LEVEL: 'warn' },
  });
  await untilReady(backendPort, backend);
  await provision(backendPort);
  const gateway = await startNode('bin/tallygate.js', ['gateway'], {
    env: {
      HOST: '127.0.0.1',
      PORT: String(port),
      ADMIN_PORT: String(adminPort),
      BACKEND_URL: `http://127.0.0.1:${backendPort}`,
      CONFIG_FILE: configFile,
      JOURNAL_DIR: join(folder, 'j'),
      TIMEOUT_HEAD_MS: String(timeout),
      TIMEOUT_BODY_MS: String(timeout),
      TIMEOUT_IDLE_MS: String(timeout),
      TIMEOUT_UPSTREAM_MS: String(timeout),
      UPSTREAM_PIPELINING: String(pipelining),
      LOG_LEVEL: 'error',
    },
  });
  await untilReady(adminPort, gateway);
  return {
    port,
    async stop() {
      if (!gateway.running) throw new Error(`the gateway ended by itself:\n${gateway.output}`);
      await gateway.kill();
      await backend.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function configuration(upstreamPort: number): unknown {
  return {
    services: [
      {
        id: 'attacks',
        token: TOKEN,
        hosts: ['api.test'],
        upstream: `http://127.0.0.1:${upstreamPort}`,
        credentials: { in: ['query'], userKey: 'user_key' },
        rules: [
          { method: 'ANY', pattern: '/v1/', metric: 'hits', delta: 1 },
          { method: 'ANY', pattern: '/paid/', metric: 'paid', delta: 1 },
        ],
        requestHeaders: { set: { 'X-Sidecar-Secret': 's3cret' } },
        upgrades: ['websocket'],
      },
    ],
  };
}

/** Two applications; the plan of the first allows no use of `paid`. */
async function provision(port: number): Promise<void> {
  const service = 'attacks';
  const call = async (method: string, path: string, body: unknown): Promise<void> => {
    const json: RequestInit = { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(`http://127.0.0.1:${port}/internal${path}`, json);
    if (!response.ok) throw new Error(`${method} /internal${path}: ${response.status} ${await response.text()}`);
  };
  await call('POST', '/services/', {
    service: { id: service, provider_key: TOKEN, backend_version: '1', state: 'active' },
  });
  await call('POST', '/service_tokens/', { service_tokens: { [TOKEN]: { service_id: service } } });
  for (const [id, name] of [
    ['1', 'hits'],
    ['2', 'paid'],
  ]) {
    await call('POST', `/services/${service}/metrics/${id}`, { metric: { service_id: service, id, name } });
  }
  await call('PUT', `/services/${service}/plans/basic/usagelimits/2/eternity`, { usagelimit: { eternity: '0' } });
  for (const [id, plan, userKey] of [
    ['first', 'basic', 'k-valid-0001'],
    ['second', 'full', 'k-other-0002'],
  ]) {
    const application = { service_id: service, id, state: 'active', plan_id: plan, plan_name: plan };
    await call('POST', `/services/${service}/applications/${id}`, { application });
    await call('PUT', `/services/${service}/applications/${id}/key/${userKey}`, {});
  }
}

async function untilReady(port: number, process: TestProcess): Promise<void> {
  const ready = async (): Promise<boolean> => {
    if (!process.running) throw new Error(`it ended at its start:\n${process.output}`);
    return fetch(`http://127.0.0.1:${port}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  };
  await until(ready, 'the process is ready', READY_TIMEOUT);
}
