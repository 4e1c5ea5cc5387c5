import { readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { packageRoot } from '../../shared/package-root.ts';
import { temporaryFolder } from '../harness/folder.ts';
import { until, within } from '../harness/latch.ts';
import { startNode, startProcess } from '../harness/process.ts';
import type { TestProcess } from '../harness/process.ts';

// Several processes start in each.
vi.setConfig({ testTimeout: 60_000 });

const ANY_PORTS = ['--gateway-port', '0', '--admin-port', '0', '--backend-port', '0', '--upstream-port', '0'];
const READY = { ready: /^ready$/, timeout: 30_000 };
/** From the signal to the end of everything, ms: 5 s are promised. */
const STOP = 5_000;

interface Running {
  readonly process: TestProcess;
  /** What TMPDIR is: all that the demo stores is in it. */
  readonly folder: string;
  /** The address printed on the line that begins with this name. */
  url(name: string): string;
}

async function startDemo(...args: string[]): Promise<Running> {
  const folder = await temporaryFolder();
  const started = await startNode('bin/tallygate.js', ['demo', ...ANY_PORTS, ...args], {
    env: { TMPDIR: folder },
    ...READY,
  });
  return {
    process: started,
    folder,
    url: (name) => new RegExp(`^ *${name} +(http://\\S+)`, 'm').exec(started.stdout)?.[1] ?? '',
  };
}

const status = async (url: string): Promise<number> => {
  const response = await fetch(url);
  await response.arrayBuffer();
  return response.status;
};

interface Usage {
  readonly total: number;
}

/** Everything that the printed text invites to try. */
async function tryWhatIsPrinted(demo: Running): Promise<void> {
  const gateway = demo.url('gateway');
  const hello = await fetch(`${gateway}/hello?user_key=demo-key`);
  expect(hello.status).toBe(200);
  expect(await hello.json()).toMatchObject({ method: 'GET', url: '/hello?user_key=demo-key' });
  expect(await status(`${gateway}/hello?user_key=unknown`)).toBe(403);
  await untilMinuteHasRoom();
  const statuses: number[] = [];
  for (let i = 0; i < 11; i++) statuses.push(await status(`${gateway}/hello?user_key=demo-limited`));
  expect(statuses).toEqual([...Array.from({ length: 10 }, () => 200), 429]);
  const refused = await fetch(`${gateway}/hello?user_key=demo-limited`);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  const usage = `${demo.url('backend')}/stats/services/demo/usage.json?metric_name=hits&period=day&granularity=hour`;
  const total = async (): Promise<number> => ((await (await fetch(usage)).json()) as Usage).total;
  await until(async () => (await total()) === 11, 'the analytics show 11 hits', 3_000);
}

/** Ten calls and one more must fall into one minute. */
async function untilMinuteHasRoom(): Promise<void> {
  await until(() => new Date().getUTCSeconds() < 57, 'the minute has 3 seconds left');
}

async function expectNothingLeft(demo: Running): Promise<void> {
  expect(await readdir(demo.folder)).toEqual([]);
  for (const name of ['gateway', 'admin', 'backend'])
    await expect(fetch(demo.url(name))).rejects.toThrow('fetch failed');
}

test('what is printed works, with the embedded store', async () => {
  const demo = await startDemo();
  expect(demo.process.stdout.trimEnd().split('\n').at(-1)).toBe('ready');
  await tryWhatIsPrinted(demo);
  expect(await demo.process.stop(STOP)).toEqual({ code: 0, signal: null });
  await expectNothingLeft(demo);
});

test('what is printed works, with a Redis of its own and a worker', async () => {
  const demo = await startDemo('--redis');
  await tryWhatIsPrinted(demo);
  demo.process.signal('SIGINT');
  expect(await within(demo.process.exited, STOP, () => demo.process.output)).toEqual({ code: 0, signal: null });
  await expectNothingLeft(demo);
});

test('it stops and leaves nothing when the process that started it is killed', async () => {
  const folder = await temporaryFolder();
  const file = join(packageRoot, 'bin/tallygate.js');
  const line = `"${process.execPath}" "${file}" demo --redis ${ANY_PORTS.join(' ')}; true`;
  const shell = await startProcess('/bin/sh', ['-c', line], { env: { TMPDIR: folder }, ...READY });
  shell.signal('SIGKILL');
  // Its streams close when the last process that holds them has ended.
  await within(shell.exited, STOP, () => `still running:\n${shell.output}`);
  expect(await readdir(folder)).toEqual([]);
});

test('npm start runs it, and a SIGTERM to npm stops all of it', async () => {
  const folder = await temporaryFolder();
  const args = ['start', '--', ...ANY_PORTS];
  const npm = await startProcess('npm', args, { cwd: packageRoot, env: { TMPDIR: folder }, ...READY });
  await npm.stop(STOP);
  // npm itself may keep its compiled code there.
  expect((await readdir(folder)).filter((name) => name.startsWith('tallygate'))).toEqual([]);
});

test('a port in use ends it with one line that names the remedy', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const folder = await temporaryFolder();
  const args = ['demo', ...ANY_PORTS, '--gateway-port', String(port)];
  const started = await startNode('bin/tallygate.js', args, { env: { TMPDIR: folder } });
  expect((await started.exited).code).toBe(1);
  expect(started.output.trim().split('\n').at(-1)).toContain(`port ${port} is in use`);
  expect(started.output).toContain('--gateway-port PORT');
  expect(await readdir(folder)).toEqual([]);
  server.close();
});

test('a stop while it starts leaves nothing behind', async () => {
  const folder = await temporaryFolder();
  const started = await startNode('bin/tallygate.js', ['demo', ...ANY_PORTS], { env: { TMPDIR: folder } });
  await until(async () => (await readdir(folder)).length > 0, 'it has begun');
  expect(await started.stop(STOP)).toEqual({ code: 0, signal: null });
  expect(await readdir(folder)).toEqual([]);
});

test('traffic is seen by the gateway when it is asked for', async () => {
  const demo = await startDemo('--traffic');
  const served = async (): Promise<boolean> =>
    /tallygate_requests_total\{code="2xx"\} [1-9]/.test(await (await fetch(`${demo.url('admin')}/metrics`)).text());
  await until(served, 'requests are counted');
  expect((await demo.process.stop(STOP)).code).toBe(0);
});
