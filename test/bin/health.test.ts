import { expect, test } from 'vitest';
import { addressOf } from '../../bin/running-parts.ts';
import { UsageError } from '../../bin/usage-error.ts';
import { answer, hang } from '../harness/behaviour.ts';
import { startNode } from '../harness/process.ts';
import { startUpstream } from '../harness/upstream.ts';

async function health(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<[number | null, string]> {
  const started = await startNode('bin/tallygate.js', ['health', ...args], { env });
  const { code } = await started.exited;
  return [code, started.output];
}

const json = { 'content-type': 'application/json' };

test('a ready part exits 0 and shows its checks', async () => {
  const part = await startUpstream(answer(200, '{"status":"ready","checks":{"journal":{"status":"ok"}}}', json));
  const [code, output] = await health(['gateway'], { ADMIN_PORT: String(part.port) });
  expect(code).toBe(0);
  expect(output).toBe(`127.0.0.1:${part.port}: ready (journal ok)\n`);
  expect(part.seen.map((request) => request.url)).toEqual(['/health/ready']);
});

test('a part that is not ready exits 1', async () => {
  const part = await startUpstream(
    answer(503, '{"status":"unavailable","checks":{"store":{"status":"failing","problem":"Redis is away"}}}', json),
  );
  expect(await health(['backend'], { PORT: String(part.port) })).toEqual([
    1,
    `127.0.0.1:${part.port}: unavailable (store failing: Redis is away)\n`,
  ]);
});

test('a part that does not answer in time exits 1', async () => {
  const part = await startUpstream(hang);
  const [code, output] = await health([part.url, '--timeout', '50'], {});
  expect(code).toBe(1);
  expect(output).toContain('no answer (time-out)');
});

test('liveness is asked at its own address', async () => {
  const part = await startUpstream(answer(200, '{"status":"ok"}', json));
  expect((await health([part.url, '--live'], {}))[0]).toBe(0);
  expect(part.seen.map((request) => request.url)).toEqual(['/health/live']);
});

test('the address follows the variables that the part itself reads', () => {
  expect(addressOf('gateway', {}).href).toBe('http://127.0.0.1:8090/');
  expect(addressOf('gateway', { HOST: '0.0.0.0', ADMIN_PORT: '1' }).href).toBe('http://127.0.0.1:1/');
  expect(addressOf('gateway', { HOST: '0.0.0.0', ADMIN_HOST: '::1' }).href).toBe('http://[::1]:8090/');
  expect(addressOf('backend', {}).href).toBe('http://127.0.0.1:3000/');
  expect(addressOf('worker', { ADMIN_HOST: '::' }).href).toBe('http://[::1]:3001/');
  expect(() => addressOf('gatewy', {})).toThrow(UsageError);
});
