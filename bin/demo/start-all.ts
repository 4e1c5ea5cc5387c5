import { join } from 'node:path';
import type { EnvironmentMap } from '../../shared/env.ts';
import { EXAMPLE } from './example.ts';
import type { DemoOptions } from './options.ts';
import { redisSocket } from './private-redis.ts';
import { setUpExample } from './set-up.ts';
import type { PartName } from './start-part.ts';

/** Where the parts of a running demo are. */
export interface DemoUrls {
  readonly gateway: string;
  readonly admin: string;
  readonly backend: string;
  readonly app: string;
}

/** Starts a part with these settings and answers with its ports. */
type Start = (name: PartName, settings: Readonly<Record<string, string>>) => Promise<Readonly<Record<string, number>>>;

const HOST = '127.0.0.1';

/** The gateway's own settings that a user may try out in the demo; all others are the demo's. */
const TRIED = [
  'REPORTING_THREADS',
  'REPORTING_MODE',
  'BATCH_REPORT_SECONDS',
  'AUTHS_TTL',
  'BACKEND_DOWN',
  'STALE_SECONDS',
  'BACKEND_TIMEOUT_MS',
  'WORKERS',
  'ACCESS_LOG',
];

/** Starts the parts in the order in which each finds what it needs. */
export async function startAll(
  start: Start,
  folder: string,
  options: DemoOptions,
  env: EnvironmentMap,
): Promise<DemoUrls> {
  const app = at((await start('app', { PORT: String(options.upstreamPort) }))['http']);
  const redis = await startRedis(start, folder, options.redis);
  const store: Record<string, string> = redis === null ? { DATA_DIR: join(folder, 'store') } : { REDIS_URL: redis };
  const backend = await start('backend', {
    ...store,
    HOST,
    PORT: String(options.backendPort),
    WORKER: redis === null ? 'on' : 'off',
    SHUTDOWN_SECONDS: '1',
  });
  if (redis !== null) await start('worker', { ...store, ADMIN_HOST: HOST, ADMIN_PORT: '0', SHUTDOWN_SECONDS: '1' });
  const api = at(backend['api']);
  await setUpExample(new URL(api));
  const gateway = await start('gateway', {
    ...tried(env),
    HOST,
    PORT: String(options.gatewayPort),
    ADMIN_HOST: HOST,
    ADMIN_PORT: String(options.adminPort),
    UPSTREAM_URL: app,
    BACKEND_URL: api,
    SERVICE_ID: EXAMPLE.service,
    SERVICE_TOKEN: EXAMPLE.token,
    JOURNAL_DIR: join(folder, 'journal'),
    SHUTDOWN_SECONDS: '2',
  });
  return { gateway: at(gateway['proxy']), admin: at(gateway['admin']), backend: api, app };
}

/** The address of the Redis to use; null for the embedded store. */
async function startRedis(start: Start, folder: string, redis: boolean | string): Promise<string | null> {
  if (typeof redis === 'string') return redis;
  if (!redis) return null;
  await start('redis', { DATA_DIR: folder });
  return redisSocket(folder);
}

function tried(env: EnvironmentMap): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const name of TRIED) {
    const value = env[name];
    if (value !== undefined) settings[name] = value;
  }
  return settings;
}

function at(port: number | undefined): string {
  if (port === undefined) throw new Error('a part did not tell its port');
  return `http://${HOST}:${port}`;
}
