import { createHash, randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { answer, chunked } from '../../harness/behaviour.ts';
import type { Behaviour } from '../../harness/behaviour.ts';
import { connectRaw, exchange } from '../../harness/raw.ts';
import { startUpstream } from '../../harness/upstream.ts';
import { answerOf, startEngine } from './support/engine.ts';

const FIVE_MEGABYTES = randomBytes(5 * 1_048_576);

/** Answers with the SHA-256 of the body that it received, and its length. */
const digest: Behaviour = (request, response) => {
  const hash = createHash('sha256');
  let length = 0;
  request.on('data', (bytes: Buffer) => {
    hash.update(bytes);
    length += bytes.length;
  });
  request.on('end', () =>
    response.end(`${length} ${hash.digest('hex')} ${request.headers['transfer-encoding'] ?? 'length'}`),
  );
};

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function fetchThrough(
  port: number,
  body: Buffer | null,
  chunks: number,
): Promise<{ body: Buffer; headers: IncomingMessage['headers'] }> {
  const headers = body !== null && chunks === 0 ? { 'content-length': body.length } : {};
  const client = httpRequest({
    port,
    host: '127.0.0.1',
    path: '/v1/x',
    method: body === null ? 'GET' : 'POST',
    headers,
  });
  const answered = new Promise<IncomingMessage>((resolve, reject) =>
    client.on('response', resolve).on('error', reject),
  );
  if (body !== null && chunks > 0) {
    const size = Math.ceil(body.length / chunks);
    for (let at = 0; at < body.length; at += size) client.write(body.subarray(at, at + size));
    client.end();
  } else {
    client.end(body ?? undefined);
  }
  const response = await answered;
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return { body: Buffer.concat(parts), headers: response.headers };
}

test.each([
  ['with its length', 0, 'length'],
  ['in chunks', 200, 'chunked'],
])('5 MB of a request %s reach the upstream unchanged', async (_, chunks, framing) => {
  const upstream = await startUpstream(digest);
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const { body } = await fetchThrough(engine.port, FIVE_MEGABYTES, chunks);
  expect(body.toString()).toBe(`${FIVE_MEGABYTES.length} ${sha256(FIVE_MEGABYTES)} ${framing}`);
  expect(engine.faults).toEqual([]);
});

test.each<[string, Behaviour, string]>([
  ['with its length', answer(200, FIVE_MEGABYTES), 'content-length'],
  [
    'in chunks',
    (_request, response) => {
      for (let at = 0; at < FIVE_MEGABYTES.length; at += 30_011)
        response.write(FIVE_MEGABYTES.subarray(at, at + 30_011));
      response.end();
    },
    'transfer-encoding',
  ],
])('5 MB of a response %s reach the client unchanged', async (_, behaviour, framing) => {
  const upstream = await startUpstream(behaviour);
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const { body, headers } = await fetchThrough(engine.port, null, 0);
  expect(sha256(body)).toBe(sha256(FIVE_MEGABYTES));
  expect(headers[framing]).toBeDefined();
});

test('a body that ends with the connection comes in chunks, and whole', async () => {
  const upstream = await startUpstream((request) => {
    request.socket.write('HTTP/1.1 200 OK\r\n\r\n');
    request.socket.end(FIVE_MEGABYTES);
  });
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const { body, headers } = await fetchThrough(engine.port, null, 0);
  expect(sha256(body)).toBe(sha256(FIVE_MEGABYTES));
  expect(headers['transfer-encoding']).toBe('chunked');
});

test('a small chunked request that is complete is sent on with its length', async () => {
  const upstream = await startUpstream();
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const reply = await exchange(
    engine.port,
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2;x=y\r\nhi\r\n1\r\n!\r\n0\r\nX-T: y\r\n\r\n',
  );
  expect(reply).toContain('"Content-Length","3"');
  expect(reply).toContain('"body":"hi!"');
  expect(reply).not.toContain('X-T');
});

test('a small chunked response that is complete is sent on with its length, to HTTP/1.0 as well', async () => {
  const upstream = await startUpstream((request) => {
    request.socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n');
  });
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const reply = await exchange(engine.port, 'GET / HTTP/1.0\r\nHost: a\r\n\r\n');
  expect(reply).toContain('Content-Length: 2\r\n');
  expect(reply).toMatch(/\r\n\r\nhi$/);
});

test('a streamed response ends with the connection for HTTP/1.0', async () => {
  const upstream = await startUpstream(chunked(['a'.repeat(70_000), 'b'.repeat(70_000)]));
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const reply = await exchange(engine.port, 'GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n');
  const head = reply.slice(0, reply.indexOf('\r\n\r\n'));
  expect(head).toContain('Connection: close');
  expect(head).not.toMatch(/transfer-encoding|content-length/i);
  expect(reply.slice(head.length + 4)).toBe('a'.repeat(70_000) + 'b'.repeat(70_000));
});

test('trailers of a response are dropped', async () => {
  const upstream = await startUpstream(chunked(['x'], { 'X-Checksum': '1' }));
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const reply = await exchange(engine.port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  expect(reply).not.toMatch(/x-checksum|trailer/i);
});

test.each([
  ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n', 'Content-Length: 7'],
  ['GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n', 'Content-Length: 7'],
  ['GET', 'HTTP/1.1 204 No Content\r\n\r\n', 'HTTP/1.1 204 No Content'],
  ['HEAD', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', 'HTTP/1.1 200 OK'],
])('%s: a response without a body leaves both connections open: %j', async (method, response, line) => {
  const upstream = await startUpstream((request) => void request.socket.write(response));
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const client = await connectRaw(engine.port);
  for (let i = 0; i < 2; i++) {
    client.send(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`);
    const head = await client.readUntil('\r\n\r\n');
    expect(head).toContain(line);
    expect(head).not.toMatch(/transfer-encoding/i);
  }
  await engine.handler.over.wait(2);
  expect(upstream.connections).toBe(1);
});

test('the handler reads a small body before it decides, and the upstream still gets it', async () => {
  const upstream = await startUpstream();
  const engine = await startEngine({ upstream: { url: upstream.url } });
  let read = '';
  engine.handler.decide = (exchange) =>
    exchange.readBody(100, (body) => {
      read = body?.toString() ?? 'none';
      engine.handler.pass(exchange);
    });
  const client = await connectRaw(engine.port);
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nConnection: close\r\n\r\nuser_');
  await engine.handler.asked.wait();
  client.send('key=');
  expect(await client.readToEnd()).toContain('"body":"user_key="');
  expect(read).toBe('user_key=');
});

test('a body over the limit of readBody is not shown, and is still sent on whole', async () => {
  const upstream = await startUpstream(digest);
  const engine = await startEngine({ upstream: { url: upstream.url } });
  let read: Buffer | null = Buffer.alloc(0);
  engine.handler.decide = (exchange) =>
    exchange.readBody(10, (body) => {
      read = body;
      engine.handler.pass(exchange);
    });
  const { body } = await fetchThrough(engine.port, FIVE_MEGABYTES, 0);
  expect(read).toBeNull();
  expect(body.toString()).toContain(sha256(FIVE_MEGABYTES));
});

test.each([
  ['a length', 'Content-Length: 11\r\n\r\nhello world'],
  ['chunks', 'Transfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n'],
])("a body over the service's bound is refused: %s", async (_, rest) => {
  const upstream = await startUpstream();
  const rules = {
    encodedSlash: 'refuse' as const,
    mergeSlashes: true,
    upgrades: new Set<string>(),
    maxBodyBytes: 10,
    edits: { drop: new Set<string>() },
  };
  const engine = await startEngine({ upstream: { url: upstream.url }, rules: () => rules });
  const reply = await exchange(engine.port, `POST / HTTP/1.1\r\nHost: a\r\n${rest}`);
  expect(reply).toMatch(/^HTTP\/1\.1 413 /);
  expect(upstream.seen).toHaveLength(0);
});

test('Expect: 100-continue is answered by the engine when the body is wanted', async () => {
  const upstream = await startUpstream();
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const client = await connectRaw(engine.port);
  client.send('POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n');
  expect(await client.readUntil('\r\n\r\n')).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  client.send('hi');
  const reply = await client.readToEnd();
  expect(reply).toContain('"body":"hi"');
  expect(reply).not.toMatch(/expect/i);
});

test('Expect: 100-continue of a refused request gets the refusal alone', async () => {
  const engine = await startEngine();
  engine.handler.decide = (exchange) => exchange.respond(answerOf(403, 'no'));
  const reply = await exchange(
    engine.port,
    'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n',
  );
  expect(reply).toMatch(/^HTTP\/1\.1 403 [^]*Connection: close[^]*no$/);
});
