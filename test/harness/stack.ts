import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './latch.ts';
import { freePort } from './ports.ts';
import { startNode } from './process.ts';
import type { TestProcess } from './process.ts';
import { startRedis } from './redis.ts';
import type { PrivateRedis, RedisOptions } from './redis.ts';
import { track } from './resources.ts';
import { startUpstream } from './upstream.ts';
import type { TestUpstream } from './upstream.ts';

/** Longest wait for a started process to be ready, ms. */
const READY_TIMEOUT = 20_000;
const SERVICE = 'stack';
const TOKEN = 'stack-token';

export interface StackOptions {
  readonly store?: 'redis' | 'embedded';
  readonly gateways?: number;
  /** Of Redis, beside what every stack has. */
  readonly redis?: RedisOptions;
  /** Further variables of the backend. */
  readonly backendEnv?: Readonly<Record<string, string>>;
  /** Further variables of every gateway. */
  readonly gatewayEnv?: Readonly<Record<string, string>>;
  /** A worker in a process of its own. */
  readonly worker?: boolean;
}

export interface StackProcess {
  readonly port: number;
  readonly adminPort: number;
  readonly process: TestProcess;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Headers;
}

/** Redis (or the embedded store), backend, worker, gateways and an app, all of them real processes but the app. */
export interface Stack {
  readonly folder: string;
  readonly redis: PrivateRedis | null;
  readonly upstream: TestUpstream;
  readonly backend: StackProcess;
  readonly worker: StackProcess | null;
  readonly gateways: readonly StackProcess[];
  /** Starts the backend again, on its port, after it was stopped or killed. */
  restartBackend(): Promise<TestProcess>;
  startGateway(env?: Readonly<Record<string, string>>): Promise<StackProcess>;
  /** Makes an application whose id is its user key; limit: hits a minute, null: none. */
  application(userKey: string, limit: number | null): Promise<void>;
  /** Hits of an application today, by the analytics. */
  counted(userKey: string): Promise<number>;
}

export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const folder = await mkdtemp(join(tmpdir(), 'tg-stack-'));
  track({ stop: () => rm(folder, { recursive: true, force: true }), abandon: () => undefined });
  const store = options.store ?? 'embedded';
  const durable = { tcp: true, appendonly: true, appendfsync: 'always', ...options.redis } as const;
  const redis = store === 'redis' ? await startRedis(durable) : null;
  const upstream = await startUpstream();
  const storeEnv: Record<string, string> =
    redis === null ? { DATA_DIR: join(folder, 'store') } : { REDIS_URL: redis.url };
  const backendEnv = {
    ...storeEnv,
    PORT: String(await freePort()),
    LOG_LEVEL: 'warn',
    WORKER: options.worker === true ? 'off' : 'on',
    ...options.backendEnv,
  };
  const backend = await startProcess('backend', backendEnv, Number(backendEnv.PORT));
  const worker = options.worker === true ? await startWorker(storeEnv) : null;
  const api = backendApi(backend.port);
  await provisionService(api);
  const gateways: StackProcess[] = [];
  const startGateway = async (env: Readonly<Record<string, string>> = {}): Promise<StackProcess> => {
    const index = gateways.length;
    const own = {
      UPSTREAM_URL: upstream.url,
      BACKEND_URL: `http://127.0.0.1:${backend.port}`,
      JOURNAL_DIR: join(folder, `j${index}`),
    };
    const gateway = await startGatewayProcess({ ...own, ...options.gatewayEnv, ...env });
    gateways.push(gateway);
    return gateway;
  };
  for (let index = 0; index < (options.gateways ?? 1); index++) await startGateway();
  return {
    folder,
    redis,
    upstream,
    backend,
    worker,
    gateways,
    startGateway,
    restartBackend: async () => (await startProcess('backend', backendEnv, backend.port)).process,
    application: (userKey, limit) => provisionApplication(api, userKey, limit),
    counted: (userKey) => countedToday(backend.port, userKey),
  };
}

/** One GET through a gateway. */
export async function get(port: number, path: string, timeout = 10_000): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(timeout) });
  return { status: response.status, body: await response.text(), headers: response.headers };
}

/** A metric's value, summed over those of its labels that contain `label`; 0 when it does not occur. */
export async function metric(port: number, name: string, label = ''): Promise<number> {
  const { body } = await get(port, '/metrics');
  let sum = 0;
  for (const line of body.split('\n')) {
    const own = line.startsWith(`${name} `) || line.startsWith(`${name}{`);
    if (own && line.includes(label)) sum += Number(line.slice(line.lastIndexOf(' ') + 1));
  }
  return sum;
}

async function startProcess(
  command: string,
  env: Readonly<Record<string, string>>,
  healthPort: number,
): Promise<StackProcess> {
  const process = await startNode('bin/tallygate.js', [command], { env });
  await until(
    async () => {
      if (!process.running) throw new Error(`${command} ended at its start:\n${process.output}`);
      return (await get(healthPort, '/health/ready').catch(() => null))?.status === 200;
    },
    `${command} is ready`,
    READY_TIMEOUT,
  );
  return { port: Number(env['PORT'] ?? 0), adminPort: healthPort, process };
}

async function startWorker(storeEnv: Readonly<Record<string, string>>): Promise<StackProcess> {
  const adminPort = await freePort();
  return startProcess('worker', { ...storeEnv, ADMIN_PORT: String(adminPort), LOG_LEVEL: 'warn' }, adminPort);
}

async function startGatewayProcess(env: Readonly<Record<string, string>>): Promise<StackProcess> {
  const [port, adminPort] = [await freePort(), await freePort()];
  const service = env['CONFIG_FILE'] === undefined ? { SERVICE_ID: SERVICE, SERVICE_TOKEN: TOKEN } : {};
  const all = {
    HOST: '127.0.0.1',
    PORT: String(port),
    ADMIN_PORT: String(adminPort),
    LOG_LEVEL: 'warn',
    ...service,
    ...env,
  };
  return startProcess('gateway', all, adminPort);
}

type BackendApi = (method: string, path: string, body: unknown) => Promise<void>;

function backendApi(port: number): BackendApi {
  return async (method, path, body) => {
    const json: RequestInit = { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(`http://127.0.0.1:${port}/internal${path}`, json);
    if (!response.ok) throw new Error(`${method} /internal${path}: ${response.status} ${await response.text()}`);
  };
}

async function provisionService(api: BackendApi): Promise<void> {
  await api('POST', '/services/', {
    service: { id: SERVICE, provider_key: TOKEN, backend_version: '1', state: 'active' },
  });
  await api('POST', '/service_tokens/', { service_tokens: { [TOKEN]: { service_id: SERVICE } } });
  await api('POST', `/services/${SERVICE}/metrics/1`, { metric: { service_id: SERVICE, id: '1', name: 'hits' } });
}

async function provisionApplication(api: BackendApi, userKey: string, limit: number | null): Promise<void> {
  const plan = `plan-${userKey}`;
  if (limit !== null) {
    await api('PUT', `/services/${SERVICE}/plans/${plan}/usagelimits/1/minute`, {
      usagelimit: { minute: String(limit) },
    });
  }
  const application = { service_id: SERVICE, id: userKey, state: 'active', plan_id: plan, plan_name: plan };
  await api('POST', `/services/${SERVICE}/applications/${userKey}`, { application });
  await api('PUT', `/services/${SERVICE}/applications/${userKey}/key/${userKey}`, {});
}

async function countedToday(port: number, userKey: string): Promise<number> {
  const { status, body } = await get(
    port,
    `/stats/services/${SERVICE}/applications/${userKey}/usage.json?metric_name=hits&period=day&granularity=hour`,
  );
  if (status !== 200) throw new Error(`the analytics answered ${status}: ${body}`);
  const answer: unknown = JSON.parse(body);
  if (typeof answer !== 'object' || answer === null || !('total' in answer)) throw new Error(`no total in ${body}`);
  return Number(answer.total);
}
