import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { expect, test } from 'vitest';
import { Latch } from '../../harness/latch.ts';
import { connectRaw } from '../../harness/raw.ts';
import { track } from '../../harness/resources.ts';
import { answerOf, startEngine } from './support/engine.ts';

const HANDSHAKE =
  'GET /v1/socket HTTP/1.1\r\nHost: api.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
const AGREED = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Mine: 1\r\n\r\n';

/** A raw upstream: `reply` to the first head, then every byte comes back, in upper case. */
async function startSwitching(reply: string): Promise<{ url: string; received: () => string; sockets: Socket[] }> {
  let received = '';
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    let replied = false;
    sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', (bytes: Buffer) => {
      const text = bytes.toString('latin1');
      received += text;
      if (replied) socket.write(text.toUpperCase());
      else if (received.includes('\r\n\r\n')) {
        replied = true;
        socket.write(reply);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  track({ stop, abandon: () => {} });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received: () => received, sockets };
}

test('after a 101 bytes go through both ways, also those that came early', async () => {
  const upstream = await startSwitching(AGREED);
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const client = await connectRaw(engine.port);
  client.send(`${HANDSHAKE}early`);
  const head = await client.readUntil('\r\n\r\n');
  expect(head).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
  expect(head).toContain('Connection: Upgrade\r\nUpgrade: websocket\r\n');
  expect(head).toContain('X-Mine: 1\r\n');
  expect(await client.readBytes(5)).toBe('EARLY');
  client.send('later');
  expect(await client.readBytes(5)).toBe('LATER');
  expect(upstream.received()).toContain('Connection: Upgrade\r\nUpgrade: websocket\r\n');
  expect(engine.handler.finishedOnes).toHaveLength(0);
  client.end();
  await client.readToEnd();
  await engine.handler.over.wait();
  expect(engine.handler.finishedOnes[0]).toMatchObject({ status: 101, upstreamStatus: 101, failure: null });
  expect(engine.faults).toEqual([]);
});

test('bytes sent before an upgrade that does not come are the next request, decided on its own', async () => {
  const upstream = await startSwitching('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno');
  const engine = await startEngine({ upstream: { url: upstream.url } });
  engine.handler.decide = (exchange) => {
    if (exchange.path === '/admin') exchange.respond(answerOf(404, 'none'));
    else engine.handler.pass(exchange);
  };
  const client = await connectRaw(engine.port);
  client.send(`${HANDSHAKE}GET /admin HTTP/1.1\r\nHost: api.test\r\n\r\n`);
  await client.readUntil('no');
  await client.readUntil('none');
  expect(upstream.received()).not.toContain('/admin');
});

test('a large exchange through the tunnel is complete and held back by the slower side', async () => {
  const upstream = await startSwitching(AGREED);
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const client = await connectRaw(engine.port);
  client.send(HANDSHAKE);
  await client.readUntil('\r\n\r\n');
  client.pause();
  client.send('x'.repeat(3_000_000));
  client.resume();
  expect(await client.readBytes(3_000_000)).toBe('X'.repeat(3_000_000));
});

test('an upstream that ends the tunnel ends it for the client', async () => {
  const upstream = await startSwitching(AGREED);
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const client = await connectRaw(engine.port);
  client.send(HANDSHAKE);
  await client.readUntil('\r\n\r\n');
  upstream.sockets[0]?.end('bye');
  expect(await client.readToEnd()).toBe('bye');
  await engine.handler.over.wait();
  expect(engine.handler.finishedOnes[0]?.failure).toBeNull();
});

test.each([
  ['nobody asked', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', AGREED],
  ['another protocol', HANDSHAKE, AGREED.replace('Upgrade: websocket', 'Upgrade: foo')],
  ['no Connection', HANDSHAKE, AGREED.replace('Connection: Upgrade\r\n', '')],
])('a 101 is invalid: %s', async (_, request, reply) => {
  const upstream = await startSwitching(reply);
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const client = await connectRaw(engine.port);
  client.send(request);
  expect(await client.readUntil('upstream_invalid')).toMatch(/^HTTP\/1\.1 502 /);
});

test.each([
  ['a protocol that the service does not allow', HANDSHAKE.replace('websocket', 'foo')],
  ['HTTP/1.0', HANDSHAKE.replace('HTTP/1.1', 'HTTP/1.0')],
  ['another method', HANDSHAKE.replace('GET', 'POST')],
  ['a bad nonce', HANDSHAKE.replace('dGhl', '!')],
  ['another version', HANDSHAKE.replace('Version: 13', 'Version: 8')],
  ['no Connection: Upgrade', HANDSHAKE.replace('Connection: Upgrade\r\n', '')],
  ['a body', HANDSHAKE.replace('\r\n\r\n', '\r\nContent-Length: 1\r\n\r\nx')],
])('an upgrade is ignored with %s', async (_, request) => {
  const upstream = await startSwitching('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno');
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const client = await connectRaw(engine.port);
  client.send(request);
  await client.readUntil('no');
  expect(upstream.received()).not.toMatch(/^(upgrade|connection):/im);
});

test('an upgrade that is refused never reaches the upstream', async () => {
  const upstream = await startSwitching(AGREED);
  const engine = await startEngine({ upstream: { url: upstream.url } });
  engine.handler.decide = (exchange) => exchange.respond(answerOf(403, 'no'));
  const client = await connectRaw(engine.port);
  client.send(HANDSHAKE);
  expect(await client.readUntil('no')).toMatch(/^HTTP\/1\.1 403 /);
  expect(upstream.sockets).toHaveLength(0);
});

test('a tunnel over which nothing moves is closed', async () => {
  const upstream = await startSwitching(AGREED);
  const engine = await startEngine({ upstream: { url: upstream.url }, server: { tunnelTimeoutMs: 50 } });
  const closed = new Latch();
  const client = await connectRaw(engine.port);
  client.send(HANDSHAKE);
  await client.readUntil('\r\n\r\n');
  upstream.sockets[0]?.once('close', closed.open);
  expect(await client.readToEnd()).toBe('');
  await closed.wait();
});
