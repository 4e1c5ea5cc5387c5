import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { answer, hang, held, rawBytes } from '../../harness/behaviour.ts';
import { TestClock } from '../../harness/clock.ts';
import { Latch, until } from '../../harness/latch.ts';
import { connectRaw, exchange } from '../../harness/raw.ts';
import { track } from '../../harness/resources.ts';
import { startUpstream } from '../../harness/upstream.ts';
import { startEngine } from './support/engine.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const POST = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi';

/** An upstream that answers the first request of each connection, and closes without a word on the second. */
async function startForgetful(): Promise<{ url: string; requests: () => number }> {
  let requests = 0;
  const server = createServer((socket) => {
    let answered = false;
    socket.on('error', () => {});
    socket.on('data', () => {
      requests += 1;
      if (answered) socket.destroy();
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      answered = true;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  track({ stop: async () => void server.close(), abandon: () => {} });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests: () => requests };
}

test('never more connections than the bound; others wait for one, in order', async () => {
  const release = new Latch();
  const upstream = await startUpstream(held(release.wait(), answer(200, 'ok')));
  const engine = await startEngine({ upstream: { url: upstream.url, maxConnections: 2 } });
  const clients = await Promise.all(Array.from({ length: 6 }, () => connectRaw(engine.port)));
  for (const [i, client] of clients.entries()) {
    client.send(GET.replace('/', `/${i}`));
    await engine.handler.asked.wait(i + 1);
  }
  await until(() => engine.pool?.counters.waiting === 0 || upstream.seen.length === 2, 'two were sent');
  expect(upstream.connections).toBe(2);
  release.open();
  for (const client of clients) await client.readUntil('ok');
  expect(upstream.connections).toBe(2);
  expect(upstream.seen.map((one) => one.url).slice(2)).toEqual(['/2', '/3', '/4', '/5']);
});

test('with no room to wait a request is answered 503', async () => {
  const upstream = await startUpstream(hang);
  const engine = await startEngine({ upstream: { url: upstream.url, maxConnections: 1, maxWaiting: 0 } });
  const first = await connectRaw(engine.port);
  first.send(GET);
  await until(() => upstream.seen.length === 1, 'the first was sent');
  const second = await connectRaw(engine.port);
  second.send(GET);
  expect(await second.readUntil('upstream_busy')).toMatch(/^HTTP\/1\.1 503 /);
  expect(engine.transitions).toEqual([]);
});

test('a request that waits too long for a connection is answered 503', async () => {
  const clock = new TestClock();
  const upstream = await startUpstream(hang);
  const engine = await startEngine({ clock, upstream: { url: upstream.url, maxConnections: 1 } });
  const first = await connectRaw(engine.port);
  first.send(GET);
  await until(() => upstream.seen.length === 1, 'the first was sent');
  const second = await connectRaw(engine.port);
  second.send(GET);
  await engine.handler.asked.wait(2);
  await until(() => engine.handler.commits >= 2, 'it waits');
  await clock.advance(1_100);
  expect(await second.readUntil('upstream_busy')).toMatch(/^HTTP\/1\.1 503 /);
});

test('a client that leaves while its request waits is not sent for', async () => {
  const release = new Latch();
  const upstream = await startUpstream(held(release.wait(), answer(200, 'ok')));
  const engine = await startEngine({ upstream: { url: upstream.url, maxConnections: 1 } });
  const [first, second, third] = await Promise.all([1, 2, 3].map(() => connectRaw(engine.port)));
  first?.send(GET);
  await engine.handler.asked.wait(1);
  second?.send(GET.replace('/', '/gone'));
  await engine.handler.asked.wait(2);
  third?.send(GET.replace('/', '/third'));
  await engine.handler.asked.wait(3);
  second?.reset();
  await engine.handler.over.wait(1);
  release.open();
  await third?.readUntil('ok');
  expect(upstream.seen.map((one) => one.url)).toEqual(['/', '/third']);
});

test('an idempotent request on a connection that the upstream had closed is sent once more', async () => {
  const upstream = await startForgetful();
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const client = await connectRaw(engine.port);
  for (let i = 0; i < 4; i++) {
    client.send(GET);
    expect(await client.readUntil('ok')).toMatch(/^HTTP\/1\.1 200 /);
  }
  expect(engine.pool?.counters.retried).toBe(3);
  expect(upstream.requests()).toBe(7);
});

test('a POST on such a connection is never sent twice', async () => {
  const upstream = await startForgetful();
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const client = await connectRaw(engine.port);
  client.send(GET);
  await client.readUntil('ok');
  client.send(POST);
  expect(await client.readUntil('upstream_closed')).toMatch(/^HTTP\/1\.1 502 /);
  expect(upstream.requests()).toBe(2);
  expect(engine.pool?.counters.retried).toBe(0);
});

test('a request on a new connection is not sent again', async () => {
  const upstream = await startUpstream(rawBytes(''));
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const client = await connectRaw(engine.port);
  client.send(GET);
  await client.readUntil('upstream_closed');
  expect(upstream.seen).toHaveLength(1);
});

test.each([
  [
    'bytes after the response',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nPOISON',
  ],
  ['Connection: close', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok'],
  ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok'],
])('a connection is not used again after %s', async (_, response) => {
  const upstream = await startUpstream(rawBytes(response, 'keep'));
  const engine = await startEngine({ upstream: { url: upstream.url } });
  for (let i = 0; i < 2; i++) {
    const reply = await exchange(engine.port, GET.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
    expect(reply).toMatch(/ok$/);
  }
  expect(upstream.connections).toBe(2);
});

test('bytes that come on an idle connection end it', async () => {
  const upstream = await startUpstream((request) => {
    request.socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    setImmediate(() => setImmediate(() => request.socket.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nPOISON')));
  });
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const client = await connectRaw(engine.port);
  client.send(GET);
  await client.readUntil('ok');
  await until(() => upstream.open === 0, 'the connection is gone');
  upstream.behaviour = answer(200, 'clean');
  client.send(GET);
  await client.readUntil('clean');
  expect(client.received).not.toContain('POISON');
});

test('a response before the end of the request body is passed on, and both connections end after it', async () => {
  const upstream = await startUpstream(
    (_request, response) => void response.writeHead(403, { 'content-length': 2 }).end('no'),
  );
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const client = await connectRaw(engine.port);
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\npart');
  expect(await client.readToEnd()).toMatch(/^HTTP\/1\.1 403 [^]*Connection: close[^]*no$/);
  await until(() => upstream.open === 0, 'not kept');
});

test('an upstream behind a unix socket', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'engine-'));
  const path = join(folder, 's');
  const upstream = await startUpstream(answer(200, 'ok'), path);
  const engine = await startEngine({ upstream: { url: `unix:${path}` } });
  expect(await exchange(engine.port, 'GET / HTTP/1.0\r\n\r\n')).toMatch(/ok$/);
  expect(upstream.seen[0]?.headers.host).toBe('localhost');
  await engine.server.close();
  await engine.pool?.close();
  await upstream.close();
  rmSync(folder, { recursive: true });
});

test('close ends idle connections at once and busy ones after their exchange', async () => {
  const release = new Latch();
  const upstream = await startUpstream(answer(200, 'ok'));
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const [idle, busy] = await Promise.all([connectRaw(engine.port), connectRaw(engine.port)]);
  upstream.on('/busy', held(release.wait(), answer(200, 'late')));
  busy.send(GET.replace('/', '/busy'));
  await until(() => upstream.seen.length === 1, 'busy');
  idle.send(GET);
  await idle.readUntil('ok');
  const closed = engine.pool?.close();
  await until(() => upstream.open === 1, 'the idle one is closed');
  release.open();
  expect(await busy.readUntil('late')).toMatch(/^HTTP\/1\.1 200 /);
  await closed;
  idle.send(GET);
  expect(await idle.readUntil('upstream_refused')).toMatch(/^HTTP\/1\.1 502 /);
});
