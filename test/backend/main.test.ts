import { expect, test } from 'vitest';
import { temporaryFolder } from '../harness/folder.ts';
import { freePort } from '../harness/ports.ts';
import { startNode } from '../harness/process.ts';
import { connectRaw } from '../harness/raw.ts';
import { setUpService, startBackend, total } from './process.ts';

const REPORT = 'transactions[0][user_key]=k&transactions[0][usage][hits]=5';

test('bad settings are told all at once, with exit code 1', async () => {
  const env = { HOST: '0.0.0.0', PORT: 'http', LOG_LEVEL: 'loud' };
  const process = await startNode('dist/backend/main.js', [], { env });
  expect(await process.exited).toEqual({ code: 1, signal: null });
  for (const name of ['INTERNAL_API_USER', 'INTERNAL_API_PASSWORD', 'ADMIN_TOKEN', 'PORT', 'LOG_LEVEL']) {
    expect(process.output).toContain(`${name}: `);
  }
});

test('a port that is taken ends it with exit code 1', async () => {
  const { port } = await startBackend({ DATA_DIR: await temporaryFolder() });
  const second = await startNode('dist/backend/main.js', [], {
    env: { PORT: String(port), DATA_DIR: await temporaryFolder() },
  });
  expect((await second.exited).code).toBe(1);
  expect(second.output).toContain('EADDRINUSE');
});

test('a folder that another process has is refused', async () => {
  const DATA_DIR = await temporaryFolder();
  await startBackend({ DATA_DIR });
  const second = await startNode('dist/backend/main.js', [], { env: { PORT: String(await freePort()), DATA_DIR } });
  expect((await second.exited).code).toBe(1);
});

test('on SIGTERM a request under way is answered and kept, nothing new is taken, and it exits 0', async () => {
  const DATA_DIR = await temporaryFolder();
  const backend = await startBackend({ DATA_DIR });
  await setUpService(backend.url);
  const connection = await connectRaw(backend.port);
  const head = [
    'POST /transactions.xml?provider_key=pk&service_id=s HTTP/1.1',
    'Host: x',
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${REPORT.length}`,
  ];
  connection.send(`${head.join('\r\n')}\r\n\r\n${REPORT.slice(0, 10)}`);
  await fetch(`${backend.url}/health/live`);
  backend.process.signal('SIGTERM');
  await backend.process.line(/backend is stopping/);
  await expect(fetch(`${backend.url}/health/live`)).rejects.toThrow('fetch failed');
  connection.send(REPORT.slice(10));
  expect(await connection.readUntil('\r\n\r\n')).toMatch(/^HTTP\/1\.1 202 /);
  expect(await backend.process.exited).toEqual({ code: 0, signal: null });
  const again = await startBackend({ DATA_DIR });
  expect(await total(again.url)).toBe(5);
});

test('what was answered survives a kill -9', async () => {
  const DATA_DIR = await temporaryFolder();
  const backend = await startBackend({ DATA_DIR });
  await setUpService(backend.url);
  let counted = 0;
  const call = `${backend.url}/transactions/authrep.xml?provider_key=pk&service_id=s&user_key=k&usage[hits]=1`;
  for (let i = 0; i < 50; i++) if ((await fetch(call)).status === 200) counted += 1;
  const report = `${backend.url}/transactions.xml?provider_key=pk&service_id=s`;
  const body = new URLSearchParams(REPORT);
  for (let i = 0; i < 20; i++) if ((await fetch(report, { method: 'POST', body })).status === 202) counted += 5;
  await backend.process.kill();
  const again = await startBackend({ DATA_DIR });
  expect(await total(again.url)).toBe(counted);
  expect(counted).toBe(150);
});

test('no secret is in what a process says, whatever fails', async () => {
  const CANARY = 'c4n4ry-S3CRET';
  const backend = await startBackend({ DATA_DIR: await temporaryFolder(), LOG_LEVEL: 'trace' });
  await setUpService(backend.url);
  const authorization = `Basic ${Buffer.from(`u:${CANARY}`).toString('base64')}`;
  const paths = [
    `/transactions/authrep.xml?provider_key=${CANARY}&service_id=s&user_key=${CANARY}&app_key=${CANARY}`,
    `/transactions/authorize.xml?service_token=${CANARY}&service_id=s&user_key=${CANARY}`,
    `/stats/services/s/usage.json?access_token=${CANARY}&metric_name=nope`,
    `/internal/services/s/applications/key/${CANARY}`,
    `/internal/service_tokens/${CANARY}/s/provider_key`,
    `/nothing?user_key=${CANARY}`,
  ];
  for (const path of paths) await (await fetch(`${backend.url}${path}`, { headers: { authorization } })).text();
  await (await fetch(`${backend.url}/transactions.xml?provider_key=pk`, { method: 'POST', body: CANARY })).text();
  const metrics = await (await fetch(`${backend.url}/metrics`)).text();
  await backend.process.stop();
  expect(backend.process.output + metrics).not.toContain(CANARY);
  expect(backend.process.output).not.toContain(authorization.slice(6));
});
