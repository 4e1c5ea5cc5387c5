import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../shared/package-root.ts';
import { freePorts } from '../machine/ports.ts';
import { launch, pause } from '../machine/process.ts';
import type { Running } from '../machine/process.ts';
import { provision } from './provision.ts';
import type { Candidate, Stage, Started } from './candidate.ts';
import { PATH, USER_KEY } from './candidate.ts';

/** The gateway as it is in production, before a real backend. */
export const tallygate: Candidate = { name: 'Tallygate', start };

/** Hits a minute that the caller may make: a limit that leases must keep, and that is never reached. */
const LIMIT = 1_000_000_000;

async function start(stage: Stage): Promise<Started> {
  const [backendPort = 0, adminPort = 0] = await freePorts(2);
  await mkdir(stage.folder, { recursive: true });
  const backend = await startBackend(stage, backendPort);
  await provision(backendPort, { applications: stage.applications, limit: LIMIT });
  const configFile = join(stage.folder, 'gateway.json');
  await writeFile(configFile, JSON.stringify(configuration(stage)));
  const gateway = await launch({
    command: process.execPath,
    args: [join(packageRoot, 'bin/tallygate.js'), 'gateway'],
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
  await untilReady(adminPort, gateway);
  return {
    process: gateway,
    url: `http://127.0.0.1:${stage.port}${PATH}?user_key=${USER_KEY}`,
    async stop() {
      await gateway.stop();
      await backend.stop();
    },
  };
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
async function untilReady(port: number, running: Running): Promise<void> {
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

function configuration({ upstreamPort, rules }: Stage): unknown {
  const unused = Array.from({ length: rules - 1 }, (_, index) => ({
    method: 'GET',
    pattern: `/unused/${index}/`,
    metric: 'hits',
    delta: 1,
  }));
  return {
    services: [
      {
        id: 'load',
        token: 'load-token',
        upstream: `http://127.0.0.1:${upstreamPort}`,
        credentials: { in: ['query'], userKey: 'user_key' },
        rules: [...unused, { method: 'GET', pattern: '/v1/', metric: 'hits', delta: 1 }],
      },
    ],
  };
}
