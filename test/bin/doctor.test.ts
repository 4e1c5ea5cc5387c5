import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../harness/folder.ts';
import { freePorts } from '../harness/ports.ts';
import { startNode } from '../harness/process.ts';
import { startUpstream } from '../harness/upstream.ts';

async function doctor(part: string, env: Readonly<Record<string, string>>): Promise<[number | null, string]> {
  const started = await startNode('bin/tallygate.js', ['doctor', part], { env });
  return [(await started.exited).code, started.output];
}

async function gatewayEnvironment(): Promise<Record<string, string>> {
  const [port = 0, adminPort = 0, nobody = 0] = await freePorts(3);
  return {
    HOST: '127.0.0.1',
    PORT: String(port),
    ADMIN_PORT: String(adminPort),
    UPSTREAM_URL: (await startUpstream()).url,
    BACKEND_URL: `http://127.0.0.1:${nobody}`,
    SERVICE_ID: 'demo',
    SERVICE_TOKEN: 'demo-token',
    JOURNAL_DIR: join(await temporaryFolder(), 'journal'),
  };
}

test('a gateway whose backend does not run is told so, and what is well is said too', async () => {
  const [code, output] = await doctor('gateway', await gatewayEnvironment());
  expect(code).toBe(1);
  expect(output).toMatch(
    /^PROBLEM {2}backend: http:\S+ cannot be reached \(ECONNREFUSED\); start it, or correct BACKEND_URL$/m,
  );
  expect(output).toMatch(/^ok {7}upstream of demo: http:\S+ accepts connections$/m);
  expect(output).toMatch(/^(ok {5}|warning) {2}journal: /m);
  expect(output).toMatch(/^ok {7}port: 127\.0\.0\.1:\d+ is free$/m);
});

test('a port in use and an upstream that is down are found', async () => {
  const busy = await startUpstream();
  const env = await gatewayEnvironment();
  const [, output] = await doctor('gateway', {
    ...env,
    PORT: String(busy.port),
    UPSTREAM_URL: env['BACKEND_URL'] ?? '',
  });
  expect(output).toMatch(/^warning {2}port: .* is in use; /m);
  expect(output).toMatch(/^PROBLEM {2}upstream of demo: .* cannot be reached \(ECONNREFUSED\); /m);
});

test('more workers than processors are found', async () => {
  const [, output] = await doctor('gateway', { ...(await gatewayEnvironment()), WORKERS: '200' });
  expect(output).toMatch(/^warning {2}workers: 200 on \d+ processors; /m);
});

test('a token that the backend does not know is found', async () => {
  const folder = await temporaryFolder();
  const backend = await startNode('bin/tallygate.js', ['backend'], {
    env: { PORT: '0', DATA_DIR: join(folder, 'store') },
    ready: /backend is listening/,
  });
  const port = /"port":(\d+)/.exec(backend.output)?.[1] ?? '';
  const [code, output] = await doctor('gateway', {
    ...(await gatewayEnvironment()),
    BACKEND_URL: `http://127.0.0.1:${port}`,
  });
  expect(code).toBe(1);
  expect(output).toMatch(/^ok {7}backend: .* is a Tallygate backend/m);
  expect(output).toMatch(/^ok {7}clock: agrees with the backend$/m);
  expect(output).toMatch(/^PROBLEM {2}service demo: the backend refuses its token \(service_token_invalid\); /m);
});

test('settings that cannot be read are shown one by one', async () => {
  const [code, output] = await doctor('backend', { PORT: 'x', DATA_DIR: await temporaryFolder() });
  expect(code).toBe(1);
  expect(output).toMatch(/^PROBLEM {2}settings: PORT: "x" cannot be used/m);
});

test('a backend that has all it needs exits 0', async () => {
  const [port = 0] = await freePorts(1);
  const [code, output] = await doctor('backend', {
    PORT: String(port),
    DATA_DIR: join(await temporaryFolder(), 'store'),
  });
  expect(output).not.toContain('PROBLEM');
  expect(code).toBe(0);
});

test('a folder that cannot be written is found', async () => {
  const file = join(await temporaryFolder(), 'file');
  writeFileSync(file, '');
  const [code, output] = await doctor('backend', { PORT: '0', DATA_DIR: join(file, 'store') });
  expect(code).toBe(1);
  expect(output).toMatch(/^PROBLEM {2}store: \S+ cannot be written \(ENOTDIR\); /m);
});
