import { rename, writeFile } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../shared/clock.ts';
import { KeepAliveClient } from '../harness/keep-alive.ts';
import { until } from '../harness/latch.ts';
import { startNode } from '../harness/process.ts';
import { get, metric, startStack } from '../harness/stack.ts';
import type { Stack, StackProcess } from '../harness/stack.ts';

const MINUTE = 60_000;
const ENV = { WORKERS: '2', LOG_LEVEL: 'info', BACKEND_TIMEOUT_MS: '4000', SHUTDOWN_SECONDS: '10' };

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ store: 'redis', gateways: 0, gatewayEnv: ENV });
});

/** Process ids of the workers that listen or listened, by the log, oldest first. */
function pids({ process }: StackProcess): number[] {
  const lines = process.output.matchAll(/"code":"worker_started","worker":\d+,"workerPid":(\d+)/g);
  return [...lines].map(([, pid]) => Number(pid));
}

async function bothListen(gateway: StackProcess): Promise<readonly [number, number]> {
  await until(() => pids(gateway).length >= 2, 'two workers listen');
  const [first = 0, second = 0] = pids(gateway);
  return [first, second];
}

/** Calls of one key over several connections until they are told to stop; what was answered 200, and what was sent. */
class Load {
  sent = 0;
  served = 0;
  #on = true;
  readonly #runs: Promise<void>[];

  constructor(port: number, key: string, connections: number) {
    this.#runs = Array.from({ length: connections }, () => this.#call(port, key));
  }

  async stop(): Promise<void> {
    this.#on = false;
    await Promise.all(this.#runs);
  }

  async #call(port: number, key: string): Promise<void> {
    const client = new KeepAliveClient();
    while (this.#on) {
      this.sent += 1;
      const status = await client.get(port, `/?user_key=${key}`).catch(() => 0);
      if (status === 200) this.served += 1;
    }
    client.close();
  }
}

async function counted(key: string, atLeast: number): Promise<number> {
  await until(async () => (await stack.counted(key)) >= atLeast, `${atLeast} of ${key} are counted`, 20_000);
  return stack.counted(key);
}

test('two workers serve: the limit is exact over both, usage too, and their metrics add up', async () => {
  await stack.application('ten', 10);
  await stack.application('free', null);
  const gateway = await stack.startGateway({ REPORTING_THREADS: '1' });
  await bothListen(gateway);
  await until(async () => systemClock.now() % MINUTE < MINUTE - 20_000, 'a minute with time left', 25_000);
  const limited = await Promise.all(Array.from({ length: 60 }, () => get(gateway.port, '/?user_key=ten')));
  expect(limited.filter(({ status }) => status === 200)).toHaveLength(10);
  expect(limited.filter(({ status }) => status === 429)).toHaveLength(50);
  const load = new Load(gateway.port, 'free', 8);
  await until(() => load.served > 400, 'it serves');
  await load.stop();
  expect(load.served).toBe(load.sent);
  expect(await counted('free', load.served)).toBe(load.served);
  expect(await metric(gateway.adminPort, 'tallygate_requests_total')).toBe(load.sent + 60);
  expect(await metric(gateway.adminPort, 'tallygate_request_duration_seconds_count')).toBe(load.sent + 60);
  expect(await metric(gateway.adminPort, 'tallygate_workers', 'serving')).toBe(2);
  expect(await metric(gateway.adminPort, 'tallygate_reporting_threads')).toBe(1);
  expect(await metric(gateway.adminPort, 'tallygate_reporting_deliveries_total', 'thread')).toBeGreaterThan(0);
  const journal = join(stack.folder, `j${stack.gateways.indexOf(gateway)}`);
  const folders = readdirSync(journal).filter((name) => /^[0-9a-f]{32}$/.test(name));
  const served = folders.filter((name) => readdirSync(join(journal, name)).some((file) => file.endsWith('.sealed')));
  expect(served).toHaveLength(2);
  expect(await gateway.process.stop()).toEqual({ code: 0, signal: null });
}, 90_000);

test('a worker that is killed under load is said and replaced, its journal adopted, and the other goes on', async () => {
  await stack.application('killed', null);
  const gateway = await stack.startGateway();
  const [victim] = await bothListen(gateway);
  const load = new Load(gateway.port, 'killed', 8);
  await until(() => load.served > 200, 'it serves');
  process.kill(victim, 'SIGKILL');
  const before = load.served;
  await gateway.process.line(/"code":"journal_adopted"/);
  await until(() => pids(gateway).length === 3, 'a successor listens');
  await until(() => load.served > before + 200, 'it goes on serving');
  await load.stop();
  expect(gateway.process.output).toMatch(
    new RegExp(`"code":"worker_ended","worker":\\d,"workerPid":${victim},.*SIGKILL`),
  );
  const total = await counted('killed', load.served);
  expect(total).toBeGreaterThanOrEqual(load.served);
  expect(total).toBeLessThanOrEqual(load.sent);
  expect(await metric(gateway.adminPort, 'tallygate_worker_exits_total', 'killed')).toBe(1);
  expect((await get(gateway.adminPort, '/health/ready')).status).toBe(200);
  await gateway.process.stop();
}, 90_000);

test('a successor listens on the port that the system chose for the first', async () => {
  const gateway = await stack.startGateway({ PORT: '0' });
  const [victim] = await bothListen(gateway);
  const [, port = ''] = await gateway.process.line(/"proxy":(\d+)/);
  process.kill(victim, 'SIGKILL');
  await until(() => pids(gateway).length === 3, 'a successor listens');
  expect((await get(Number(port), '/?user_key=nobody')).status).toBe(403);
  expect(gateway.process.output).not.toContain('worker_not_started');
  await gateway.process.stop();
}, 60_000);

test('SIGTERM under load ends all workers in good order: what was served is counted', async () => {
  await stack.application('stopped', null);
  const gateway = await stack.startGateway({ REPORTING_THREADS: '1' });
  await bothListen(gateway);
  const load = new Load(gateway.port, 'stopped', 8);
  await until(() => load.served > 200, 'it serves');
  expect(await gateway.process.stop()).toEqual({ code: 0, signal: null });
  await load.stop();
  const total = await counted('stopped', load.served);
  expect(total).toBe(stack.upstream.served('stopped'));
}, 90_000);

test('a new configuration reaches every worker, also a later one; a bad one is refused once', async () => {
  await stack.application('moved', null);
  const file = join(stack.folder, 'workers.yaml');
  const content = (more: string): string =>
    `services:\n  - { id: stack, token: stack-token, upstream: "${stack.upstream.url}"${more} }\n`;
  await writeFile(file, content(''));
  const gateway = await stack.startGateway({ CONFIG_FILE: file, UPSTREAM_URL: '' });
  const [victim] = await bothListen(gateway);
  const answered = async (status: number): Promise<boolean> => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => get(gateway.port, '/v2/?user_key=moved')));
    return answers.every((answer) => answer.status === status);
  };
  expect(await answered(200)).toBe(true);
  await writeFile(file, content(', rules: [{ pattern: /v1/, metric: hits }]'));
  gateway.process.signal('SIGHUP');
  await until(() => answered(404), 'both have the new rules');
  await writeFile(file, content(', rulez: []'));
  gateway.process.signal('SIGHUP');
  await gateway.process.line(/"code":"config_refused"/);
  process.kill(victim, 'SIGKILL');
  await until(() => pids(gateway).length === 3, 'a successor listens');
  expect(await answered(404)).toBe(true);
  expect(gateway.process.output.match(/"code":"config_refused"/g)).toHaveLength(1);
  expect(await metric(gateway.adminPort, 'tallygate_config_reloads_total', 'applied')).toBe(1);
  await gateway.process.stop();
}, 60_000);

test('while a worker is held up the others take every connection, and the gateway is not ready', async () => {
  await stack.application('waiting', null);
  const gateway = await stack.startGateway();
  const [victim] = await bothListen(gateway);
  process.kill(victim, 'SIGSTOP');
  for (let index = 0; index < 20; index += 1) {
    const client = new KeepAliveClient();
    expect(await client.get(gateway.port, '/?user_key=waiting')).toBe(200);
    client.close();
  }
  expect((await get(gateway.adminPort, '/health/ready')).status).toBe(503);
  expect(await metric(gateway.adminPort, 'tallygate_workers', 'silent')).toBe(1);
  process.kill(victim, 'SIGCONT');
  await until(async () => (await get(gateway.adminPort, '/health/ready')).status === 200, 'it is ready again');
  await gateway.process.line(/"code":"worker_answers"/);
  await gateway.process.stop();
}, 60_000);

test('workers whose primary is killed answer what is under way, and go; nothing is lost', async () => {
  await stack.application('orphaned', null);
  const gateway = await stack.startGateway();
  const workers = await bothListen(gateway);
  const load = new Load(gateway.port, 'orphaned', 4);
  await until(() => load.served > 100, 'it serves');
  gateway.process.signal('SIGKILL');
  await until(() => workers.every((pid) => !alive(pid)), 'the workers are gone', 20_000);
  await load.stop();
  const total = await counted('orphaned', load.served);
  expect(total).toBe(stack.upstream.served('orphaned'));
}, 60_000);

test('what no worker can have is told once, and the start ends with exit code 1', async () => {
  const env = {
    ...ENV,
    UPSTREAM_URL: stack.upstream.url,
    BACKEND_URL: `http://127.0.0.1:${stack.backend.port}`,
    SERVICE_ID: 'stack',
    SERVICE_TOKEN: 'stack-token',
    HOST: '127.0.0.1',
    PORT: String(stack.upstream.port),
    ADMIN_PORT: '0',
    JOURNAL_DIR: join(stack.folder, 'taken'),
  };
  const gateway = await startNode('bin/tallygate.js', ['gateway'], { env });
  expect(await gateway.exited).toEqual({ code: 1, signal: null });
  expect(gateway.output.match(/EADDRINUSE/g)).toHaveLength(1);
  expect(gateway.output).toContain(String(stack.upstream.port));
});

test('workers that end again and again are given up, with exit code 1', async () => {
  const JOURNAL_DIR = join(stack.folder, 'lost');
  const gateway = await stack.startGateway({ JOURNAL_DIR });
  const [victim] = await bothListen(gateway);
  await rename(JOURNAL_DIR, `${JOURNAL_DIR}-moved`);
  await writeFile(JOURNAL_DIR, 'no folder');
  process.kill(victim, 'SIGKILL');
  expect((await gateway.process.exited).code).toBe(1);
  expect(gateway.process.output).toContain('"code":"worker_not_started"');
  expect(gateway.process.output).toMatch(/ended again and again/);
}, 60_000);

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
