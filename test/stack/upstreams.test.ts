import { createHash, randomBytes } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { chunked, dieHalfWay } from '../harness/behaviour.ts';
import { startNginx } from '../harness/nginx.ts';
import { get, startStack } from '../harness/stack.ts';
import type { Stack } from '../harness/stack.ts';

const FILE = randomBytes(5_000_000);

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ gateways: 0 });
  await stack.application('caller', null);
});

test('a file of 5 MB from nginx arrives byte for byte', async () => {
  const nginx = await startNginx({ 'file.bin': FILE });
  const gateway = await stack.startGateway({ UPSTREAM_URL: nginx.url });
  const response = await fetch(`http://127.0.0.1:${gateway.port}/file.bin?user_key=caller`);
  expect(response.status).toBe(200);
  expect(digest(Buffer.from(await response.arrayBuffer()))).toBe(digest(FILE));
});

test('a chunked answer of a Node.js server arrives whole', async () => {
  const gateway = await stack.startGateway();
  stack.upstream.on('/chunks', chunked(['one,', 'two,', 'three']));
  const { status, body } = await get(gateway.port, '/chunks?user_key=caller');
  expect({ status, body }).toEqual({ status: 200, body: 'one,two,three' });
});

test('an upstream that dies half way never looks complete', async () => {
  const gateway = await stack.startGateway();
  stack.upstream.on('/half', dieHalfWay(100, 10));
  await expect(get(gateway.port, '/half?user_key=caller')).rejects.toThrow();
});

test('an upstream that is not there is answered 502, one that says nothing 504', async () => {
  const nobody = await stack.startGateway({ UPSTREAM_URL: 'http://127.0.0.1:1' });
  expect((await get(nobody.port, '/?user_key=caller')).status).toBe(502);
  const impatient = await stack.startGateway({ TIMEOUT_UPSTREAM_MS: '300' });
  stack.upstream.on('/silent', () => undefined);
  expect((await get(impatient.port, '/silent?user_key=caller')).status).toBe(504);
});

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
