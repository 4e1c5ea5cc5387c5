import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../shared/package-root.ts';
import { freePorts } from '../machine/ports.ts';
import { launch, pause } from '../machine/process.ts';
import type { Running } from '../machine/process.ts';
import type { Candidate, Stage, Started } from './candidate.ts';
import { NODE_WARM_UP, startedAs } from './candidate.ts';
import { provision, serviceId, tokenOf } from './provision.ts';
import { ONE_CALLER, hostOf, patterns } from './setup.ts';
import type { Setup } from './setup.ts';

export interface TallygateOptions {
  /** Members of the configuration file beside `services`. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** What Node.js itself is started with. */
  readonly node?: readonly string[];
}

/** The gateway as it is in production, before a real backend. */
export function tallygate(setup: Setup = ONE_CALLER, options: TallygateOptions = {}): Candidate {
  return { name: 'Tallygate', warmUpSeconds: NODE_WARM_UP, start: (stage) => start(stage, setup, options) };
}

/** The same, with up to eight requests under way on an upstream connection. */
export function tallygatePipelining(): Candidate {
  return { ...tallygate(ONE_CALLER, { settings: { pipelining: 8 } }), name: 'Tallygate, pipelining' };
}

async function start(stage: Stage, setup: Setup, { settings, node }: TallygateOptions): Promise<Started> {
  const [backendPort = 0, adminPort = 0] = await freePorts(2);
  await mkdir(stage.folder, { recursive: true });
  const backend = await startBackend(stage, backendPort);
  try {
    await provision(backendPort, setup);
    const configFile = join(stage.folder, 'gateway.json');
    await writeFile(configFile, JSON.stringify({ ...settings, services: gatewayServices(stage, setup) }));
    const gateway = await launch({
      command: process.execPath,
      args: [...(node ?? []), join(packageRoot, 'bin/tallygate.js'), 'gateway'],
      env: {
        HOST: '127.0.0.1',
        PORT: String(stage.port),
        ADMIN_PORT: String(adminPort),
        BACKEND_URL: `http://127.0.0.1:${backendPort}`,
        CONFIG_FILE: configFile,
        JOURNAL_DIR: join(stage.folder, 'j'),
        LOG_LEVEL: 'warn',
      },
      core: stage.core,
      ready: null,
    });
    const stop = async (): Promise<void> => {
      await gateway.stop();
      await backend.stop();
    };
    await untilReady(adminPort, gateway).catch(async (error: unknown) => {
      await stop();
      throw error;
    });
    return { ...startedAs(gateway, stage.port, setup), stop };
  } catch (error) {
    await backend.stop();
    throw error;
  }
}

async function startBackend({ folder, otherCore }: Stage, port: number): Promise<Running> {
  const backend = await launch({
    command: process.execPath,
    args: [join(packageRoot, 'bin/tallygate.js'), 'backend'],
    env: { PORT: String(port), DATA_DIR: join(folder, 'store'), LOG_LEVEL: 'warn' },
    core: otherCore,
    ready: null,
  });
  await untilReady(port, backend);
  return backend;
}

/** Asks for readiness until it is given. */
export async function untilReady(port: number, running: Running): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    const ready = await fetch(`http://127.0.0.1:${port}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return;
    await pause(50);
  }
  throw new Error(`not ready within 20 s: ${running.output().slice(-2000)}`);
}

/** `services` of the configuration file. */
export function gatewayServices({ upstreamPort }: Pick<Stage, 'upstreamPort'>, setup: Setup): unknown[] {
  const rule = (method: string, pattern: string): unknown => ({ method, pattern, metric: 'hits', delta: 1 });
  const rules = [...patterns(setup.rules).map((pattern) => rule('GET', pattern)), rule('POST', '/v1/')];
  return Array.from({ length: setup.services }, (_, index) => ({
    id: serviceId(index),
    token: tokenOf(serviceId(index)),
    ...(setup.services === 1 ? {} : { hosts: [hostOf(index)] }),
    upstream: `http://127.0.0.1:${upstreamPort}`,
    credentials: { in: ['query'], userKey: 'user_key' },
    rules,
  }));
}
