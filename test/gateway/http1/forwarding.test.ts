import { expect, test } from 'vitest';
import { exchange } from '../../harness/raw.ts';
import { startUpstream } from '../../harness/upstream.ts';
import type { EngineOptions, TestEngine } from './support/engine.ts';
import { noEdits, plainRules, startEngine } from './support/engine.ts';

/** What the upstream sees of a request: its target, and its fields as `name: value` lines. */
async function seen(
  fields: string,
  options: EngineOptions & { target?: string; version?: string } = {},
  prepare: (engine: TestEngine) => void = () => {},
): Promise<{ url: string; fields: string[]; reply: string; engine: TestEngine }> {
  const upstream = await startUpstream();
  const engine = await startEngine({ upstream: { url: upstream.url }, ...options });
  prepare(engine);
  const { target = '/v1/x', version = '1.1' } = options;
  const reply = await exchange(
    engine.port,
    `GET ${target} HTTP/${version}\r\nHost: api.test\r\nConnection: close\r\n${fields}\r\n`,
  );
  const raw = upstream.seen[0]?.rawHeaders ?? [];
  const lines = Array.from({ length: raw.length / 2 }, (_, i) => `${raw[2 * i]}: ${raw[2 * i + 1]}`);
  return { url: upstream.seen[0]?.url ?? '', fields: lines, reply, engine };
}

test('what the engine adds, for a peer that is not trusted', async () => {
  const { fields } = await seen(
    'X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: x\r\nForwarded: for=1.1.1.1\r\nX-Real-IP: 1.1.1.1\r\nX-Forwarded-Port: 1\r\n',
  );
  expect(fields).toEqual([
    'Host: api.test',
    'X-Real-IP: 127.0.0.1',
    'X-Forwarded-For: 127.0.0.1',
    'X-Forwarded-Proto: http',
    'X-Forwarded-Host: api.test',
    expect.stringMatching(/^X-Request-Id: [0-9a-f]{24}$/),
  ]);
});

test('a trusted proxy is believed, and the list goes on', async () => {
  const { fields, engine } = await seen(
    'X-Forwarded-For: 9.9.9.9\r\nX-Forwarded-For: 1.1.1.1, 127.0.0.9\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: shop.test\r\nForwarded: for=1.1.1.1\r\nX-Real-IP: 1.1.1.1\r\n',
    { server: { trustedProxies: ['127.0.0.0/8', '2001:db8::/32'] } },
  );
  expect(fields).toEqual([
    'Host: api.test',
    'Forwarded: for=1.1.1.1',
    'X-Real-IP: 1.1.1.1',
    'X-Forwarded-For: 9.9.9.9, 1.1.1.1, 127.0.0.9, 127.0.0.1',
    'X-Forwarded-Proto: https',
    'X-Forwarded-Host: shop.test',
    expect.stringContaining('X-Request-Id: '),
  ]);
  expect(engine.handler.seen[0]?.remoteAddress).toBe('1.1.1.1');
});

test.each([
  ['abc-123', 'abc-123'],
  ['a'.repeat(129), /^[0-9a-f]{24}$/],
  ['with space', /^[0-9a-f]{24}$/],
])('a request id %s', async (given, expected) => {
  const { fields, engine } = await seen(`X-Request-Id: ${given}\r\n`);
  const sent = fields.find((line) => line.startsWith('X-Request-Id: '))?.slice('X-Request-Id: '.length);
  expect(sent).toMatch(expected);
  expect(engine.handler.seen[0]?.requestId).toBe(sent);
});

test('hop-by-hop fields, and those that Connection names, are not sent on', async () => {
  const { fields } = await seen(
    'Connection: X-Gone, keep-alive,, close\r\nX-Gone: 1\r\nx-gone: 2\r\nKeep-Alive: 5\r\nProxy-Connection: x\r\nTE: trailers\r\nTrailer: X\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\nProxy-Authorization: x\r\nX-Kept: 1\r\n',
  );
  expect(fields.filter((line) => !/^(Host|X-Real-IP|X-Forwarded|X-Request)/.test(line))).toEqual(['X-Kept: 1']);
});

test('fields that change the meaning of the request behind our back are not sent on', async () => {
  const { fields } = await seen(
    'X-HTTP-Method-Override: DELETE\r\nX-Original-URL: /admin\r\nX-Rewrite-URL: /admin\r\n',
  );
  expect(fields.join('\n')).not.toMatch(/DELETE|admin/);
});

test.each([
  'Host',
  'Content-Length',
  'transfer-encoding',
  'X-Forwarded-For',
  'X-Real-IP',
  'x-request-id',
  'X_Real_IP',
  'X-Secret',
  'X_Secret',
  'a b',
  'a\xa0',
])('Connection may not name %s', async (name) => {
  const rules = { ...plainRules, edits: { drop: new Set(['x-secret']) } };
  const { reply, engine } = await seen(`Connection: ${name}\r\n`, { rules: () => rules });
  expect(reply).toMatch(/^HTTP\/1\.1 400 /);
  expect(engine.handler.seen).toHaveLength(0);
});

test.each([
  'X_Forwarded_For',
  'Content_Length',
  'TRANSFER_ENCODING',
  'x_real-ip',
  'X_Request_Id',
  'Authorization_',
  'Content_Type',
])('a sensitive name with an underscore, %s', async (name) => {
  const { reply } = await seen(`${name}: 1\r\n`);
  expect(reply.slice(0, 13)).toBe(name === 'Authorization_' ? 'HTTP/1.1 200 ' : 'HTTP/1.1 400 ');
});

test('what the service adds, drops and sets', async () => {
  const edits = {
    add: 'X-Secret: s3cret\r\n',
    drop: new Set(['x-secret', 'user-key']),
    host: 'inner.test',
    dropQuery: new Set(['user_key']),
  };
  const { url, fields } = await seen(
    'X-Secret: mine\r\nx_secret: mine\r\nUser_Key: k\r\nuser-key: k\r\nX-Kept: 1\r\n',
    { target: '/v1/x?a=1&user_key=k&user%5fkey=k&b=2' },
    (engine) => (engine.handler.edits = edits),
  );
  expect(url).toBe('/v1/x?a=1&b=2');
  expect(fields).toContain('Host: inner.test');
  expect(fields).toContain('X-Forwarded-Host: api.test');
  expect(fields.filter((line) => /secret|user/i.test(line))).toEqual(['X-Secret: s3cret']);
  expect(fields).toContain('X-Kept: 1');
});

test('the white space of a field is made canonical', async () => {
  const { fields } = await seen('X-A:1\r\nX-B: \t 2 \t\r\nX-C:\r\nX-D: a  b\r\n');
  expect(fields).toEqual(expect.arrayContaining(['X-A: 1', 'X-B: 2', 'X-C: ', 'X-D: a  b']));
});

test.each([
  ['/v1/x', '/v1/x', ''],
  ['/v1/x?', '/v1/x', ''],
  ['/v1/x?a=/../b', '/v1/x', 'a=/../b'],
  ['/v1//a/./b/../c', '/v1/a/c', ''],
  ['http://api.test/v1/x?y', '/v1/x', 'y'],
  ['HTTP://API.test:80', '/', ''],
  ['/%41%7e%2d%c3%a9', '/A~-%C3%A9', ''],
])('the target %s is decided on, and sent on, in one form', async (target, path, query) => {
  const { url, engine } = await seen('', { target });
  expect(engine.handler.seen[0]).toMatchObject({ path, query, host: 'api.test' });
  expect(url).toBe(query === '' ? path : `${path}?${query}`);
});

test('HTTP/1.0 goes on as HTTP/1.1, and is answered with its own persistence', async () => {
  const { reply } = await seen('Connection: keep-alive\r\n', { version: '1.0' });
  expect(reply).toContain('Connection: close\r\n');
  const upstream = await startUpstream();
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const kept = await exchange(engine.port, 'GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /2 HTTP/1.0\r\n\r\n');
  expect(kept).toContain('Connection: keep-alive\r\n');
  expect(upstream.seen.map((one) => [one.url, one.headers.host])).toEqual([
    ['/1', new URL(upstream.url).host],
    ['/2', new URL(upstream.url).host],
  ]);
});

test('fields of a response go through; hop-by-hop ones and those that Connection names do not', async () => {
  const upstream = await startUpstream((request) => {
    request.socket.write(
      'HTTP/1.1 200 Fine\r\nX-A:1\r\nConnection: X-Gone\r\nX-Gone: 1\r\nKeep-Alive: 5\r\nUpgrade: h2c\r\nProxy-Authenticate: x\r\nDate: then\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nContent-Length: 02\r\nContent-Length: 2\r\n\r\nok',
    );
  });
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const reply = await exchange(engine.port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  expect(reply).toBe(
    'HTTP/1.1 200 Fine\r\nX-A: 1\r\nDate: then\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok',
  );
});

test('OPTIONS * is answered by the engine, and not shown to the handler', async () => {
  const engine = await startEngine();
  const reply = await exchange(
    engine.port,
    'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  );
  expect(reply).toMatch(/^HTTP\/1\.1 200 OK\r\nAllow: [^]*\r\n\r\nHTTP\/1\.1 200 Answer/);
  expect(engine.handler.seen).toHaveLength(1);
});

test('no edits change nothing', async () => {
  const { fields } = await seen('X-A: 1\r\n', {}, (engine) => (engine.handler.edits = noEdits));
  expect(fields.slice(0, 2)).toEqual(['Host: api.test', 'X-A: 1']);
});
