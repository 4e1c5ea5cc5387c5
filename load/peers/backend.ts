import { join } from 'node:path';
import { packageRoot } from '../../shared/package-root.ts';
import type { PrivateRedis } from '../../test/harness/redis.ts';
import { freePorts } from '../machine/ports.ts';
import { launch } from '../machine/process.ts';
import type { Running } from '../machine/process.ts';
import type { Started } from './candidate.ts';
import { provision, serviceId, tokenOf } from './provision.ts';
import { untilReady } from './tallygate.ts';
import { ONE_CALLER, userKey } from './setup.ts';
import type { Target } from './setup.ts';

/** The service of the scenarios, as `provision` names the first. */
export const SERVICE = serviceId(0);

/** An authrep that counts one hit of the application `app-INDEX`. */
export function authrep(index: number): Target {
  const service = `service_token=${tokenOf(SERVICE)}&service_id=${SERVICE}`;
  return {
    host: '127.0.0.1',
    path: `/transactions/authrep.xml?${service}&user_key=${userKey(index)}&usage%5Bhits%5D=1`,
  };
}

/** A backend process before a real Redis, as in production; its jobs are left to a worker. */
export async function startBackend(redis: PrivateRedis, core: number | null): Promise<Started> {
  const [port = 0] = await freePorts(1);
  const backend = await launch({
    command: process.execPath,
    args: [join(packageRoot, 'bin/tallygate.js'), 'backend'],
    env: { PORT: String(port), REDIS_URL: redis.url, WORKER: 'off', LOG_LEVEL: 'warn' },
    core,
    ready: null,
  });
  await untilReady(port, backend);
  return { process: backend, port, targets: [authrep(0)], status: 200, stop: () => backend.stop() };
}

/** The service with its metric, its plan with a limit, and some applications. */
export async function provisionBackend(backend: Started, applications: number): Promise<void> {
  await provision(backend.port, { ...ONE_CALLER, applications });
}

export async function startWorker(redis: PrivateRedis, core: number | null): Promise<Running> {
  const [port = 0] = await freePorts(1);
  const worker = await launch({
    command: process.execPath,
    args: [join(packageRoot, 'bin/tallygate.js'), 'worker'],
    env: { ADMIN_PORT: String(port), REDIS_URL: redis.url, LOG_LEVEL: 'warn' },
    core,
    ready: null,
  });
  await untilReady(port, worker);
  return worker;
}
