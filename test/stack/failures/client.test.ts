import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { engineErrors, gatewayErrors } from '../../../shared/errors.ts';
import type { ErrorEntry } from '../../../shared/errors.ts';
import { until } from '../../harness/latch.ts';
import { connectRaw, exchange } from '../../harness/raw.ts';
import { get, metric, startStack } from '../../harness/stack.ts';
import type { Stack, StackProcess } from '../../harness/stack.ts';
import { rises } from './support.ts';

let stack: Stack;
let gateway: StackProcess;
/** With a file: hosts, one mapping rule, a bound for bodies and for connections. */
let bounded: StackProcess;

beforeAll(async () => {
  stack = await startStack({ gateways: 0 });
  await stack.application('caller', null);
  await stack.application('limited', 1);
  await stack.application('disabled', 0);
  gateway = await stack.startGateway({ TIMEOUT_HEAD_MS: '400', TIMEOUT_BODY_MS: '400' });
  const file = join(stack.folder, 'gateway.yaml');
  const service = {
    id: 'stack',
    token: 'stack-token',
    hosts: ['api.test'],
    upstream: stack.upstream.url,
    rules: [{ method: 'ANY', pattern: '/mapped', metric: 'hits', delta: 1 }],
    maxBody: 10,
  };
  await writeFile(file, JSON.stringify({ limits: { connections: 3 }, services: [service] }));
  bounded = await stack.startGateway({ CONFIG_FILE: file, UPSTREAM_URL: '' });
});

const LINE = 'GET /?user_key=caller HTTP/1.1\r\n';
const HOST = 'Host: api.test\r\n';
const POST = `POST /?user_key=caller HTTP/1.1\r\n${HOST}`;

const MALFORMED: readonly (readonly [name: string, bytes: string, error: ErrorEntry])[] = [
  ['garbage', '\x16\x03\x01\x02\x00hello\r\n\r\n', engineErrors.bad_request],
  ['two lengths', `${POST}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`, engineErrors.bad_request],
  ['CONNECT', `CONNECT api.test:80 HTTP/1.1\r\n${HOST}\r\n`, engineErrors.method_not_allowed],
  ['a head that stands still', `${LINE}Host: a`, engineErrors.request_timeout],
  ['a body that stands still', `${POST}Content-Length: 10\r\n\r\nhalf`, engineErrors.request_timeout],
  ['a target of 20 KiB', `GET /${'a'.repeat(20_480)} HTTP/1.1\r\n${HOST}\r\n`, engineErrors.uri_too_long],
  ['an expectation', `${LINE}${HOST}Expect: wonders\r\n\r\n`, engineErrors.expectation_failed],
  ['a head of 40 KiB', `${LINE}${HOST}X: ${'x'.repeat(40_960)}\r\n\r\n`, engineErrors.header_too_large],
  ['an unknown coding', `${POST}Transfer-Encoding: gzip\r\n\r\n`, engineErrors.not_implemented],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', engineErrors.http_version_not_supported],
];

test.each(MALFORMED)('%s is refused by the engine, and its metric counts it', async (_, bytes, error) => {
  const label = `error="${error.code}"`;
  const before = await metric(gateway.adminPort, 'tallygate_engine_errors_total', label);
  const client = await connectRaw(gateway.port);
  client.send(bytes);
  const reply = await client.readToEnd();
  expect(reply).toMatch(new RegExp(`^HTTP/1\\.1 ${error.status} `));
  expect(reply).toContain(error.publicMessage);
  await rises(gateway.adminPort, 'tallygate_engine_errors_total', label, before);
});

test('of these only the one that was authorized, with a body that stood still, is counted', async () => {
  await until(async () => (await stack.counted('caller')) === 1, 'it is counted');
  expect(await metric(gateway.adminPort, 'tallygate_usage_pending')).toBe(0);
});

test('a body over maxBody is answered 413', async () => {
  const request = `POST /mapped?user_key=caller HTTP/1.1\r\n${HOST}Content-Length: 11\r\n\r\n0123456789a`;
  const reply = await exchange(bounded.port, request);
  expect(reply).toMatch(/^HTTP\/1\.1 413 /);
  expect(reply).toContain(engineErrors.payload_too_large.publicMessage);
  await rises(bounded.adminPort, 'tallygate_engine_errors_total', 'error="payload_too_large"', 0);
});

test('a connection over the bound is answered 503', async () => {
  const held = await Promise.all([1, 2, 3].map(() => connectRaw(bounded.port)));
  await until(async () => (await metric(bounded.adminPort, 'tallygate_connections')) === 3, 'three are open');
  const client = await connectRaw(bounded.port);
  expect(await client.readToEnd()).toMatch(/^HTTP\/1\.1 503 [^]*Too many connections/);
  await rises(bounded.adminPort, 'tallygate_engine_errors_total', 'error="too_many_connections"', 0);
  for (const each of held) each.destroy();
  await until(async () => (await metric(bounded.adminPort, 'tallygate_connections')) === 0, 'they are closed');
});

const CLOSE = 'Connection: close\r\n\r\n';
const REFUSED: readonly (readonly [name: string, bytes: string, error: ErrorEntry])[] = [
  ['no credential', `GET /mapped HTTP/1.1\r\n${HOST}${CLOSE}`, gatewayErrors.credentialsMissing],
  ['an unknown key', `GET /mapped?user_key=wrong HTTP/1.1\r\n${HOST}${CLOSE}`, gatewayErrors.credentialsRefused],
  ['a limit of 0', `GET /mapped?user_key=disabled HTTP/1.1\r\n${HOST}${CLOSE}`, gatewayErrors.usageDisabled],
  ['no mapping rule', `GET /other?user_key=caller HTTP/1.1\r\n${HOST}${CLOSE}`, gatewayErrors.noMappingRule],
  ['an unknown host', `GET /mapped?user_key=caller HTTP/1.1\r\nHost: b.test\r\n${CLOSE}`, gatewayErrors.unknownHost],
];

test.each(REFUSED)('%s is refused, and never reaches the app', async (_, bytes, error) => {
  const before = stack.upstream.seen.length;
  const reply = await exchange(bounded.port, bytes);
  expect(reply).toMatch(new RegExp(`^HTTP/1\\.1 ${error.status} `));
  expect(reply).toContain(error.publicMessage);
  expect(await metric(bounded.adminPort, 'tallygate_requests_total', 'code="4xx"')).toBeGreaterThan(0);
  expect(stack.upstream.seen).toHaveLength(before);
});

test('a caller over its limit is answered 429 with Retry-After, and not counted', async () => {
  const statuses: number[] = [];
  for (let call = 0; call < 3; call++) {
    const { status, headers } = await get(gateway.port, '/?user_key=limited');
    statuses.push(status);
    if (status === 429) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  }
  expect(statuses).toContain(429);
  const passed = stack.upstream.served('limited');
  await until(async () => (await stack.counted('limited')) === passed, 'only what passed is counted');
});
