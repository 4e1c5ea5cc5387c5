import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { expect, test } from 'vitest';
import { answer } from '../../harness/behaviour.ts';
import { Latch, until } from '../../harness/latch.ts';
import { connectRaw } from '../../harness/raw.ts';
import { track } from '../../harness/resources.ts';
import { startUpstream } from '../../harness/upstream.ts';
import { startEngine } from './support/engine.ts';

const MEGABYTE = 1_048_576;
/** What the kernel may hold of a connection on this host, and the engine's own bound. */
const KERNEL = 8 * MEGABYTE;
const ENGINE = 256 * 1_024;

/** An upstream that gets each connection as it is. */
async function startRaw(accept: (socket: Socket) => void): Promise<string> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    accept(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  track({ stop, abandon: () => {} });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A client that counts what it gets. */
class CountingClient {
  readonly socket: Socket;
  received = 0;

  constructor(port: number, request: string) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.pause();
    this.socket.on('data', (bytes: Buffer) => (this.received += bytes.length));
    this.socket.write(request);
  }
}

test('a client that does not read holds the upstream back, and gets everything when it does', async () => {
  const body = Buffer.alloc(40 * MEGABYTE, 'x');
  let sent = 0;
  const url = await startRaw((socket) => {
    socket.once('data', () => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`);
      const send = (): void => {
        while (sent < body.length) {
          const part = body.subarray(sent, sent + 65_536);
          sent += part.length;
          if (!socket.write(part)) {
            socket.once('drain', send);
            return;
          }
        }
      };
      send();
    });
  });
  const engine = await startEngine({ upstream: { url } });
  const client = new CountingClient(engine.port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  let before = -1;
  const stands = (): boolean => {
    const same = engine.server.counters.buffered > 0 && sent === before;
    before = sent;
    return same;
  };
  await until(stands, 'the upstream stands still', 5_000);
  expect(sent).toBeLessThan(2 * KERNEL);
  expect(engine.server.counters.buffered).toBeGreaterThan(0);
  expect(engine.server.counters.buffered).toBeLessThan(ENGINE);
  client.socket.resume();
  await once(client.socket, 'end');
  expect(sent).toBe(body.length);
  expect(client.received).toBeGreaterThan(body.length);
  await until(() => engine.server.counters.buffered === 0, 'nothing is held');
});

test('an upstream that does not read holds the client back', async () => {
  const accepted = new Latch();
  let upstream: Socket | null = null;
  const url = await startRaw((socket) => {
    upstream = socket;
    socket.pause();
    accepted.open();
  });
  const engine = await startEngine({ upstream: { url } });
  const client = await connectRaw(engine.port);
  client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${40 * MEGABYTE}\r\n\r\n`);
  client.send(Buffer.alloc(40 * MEGABYTE));
  await accepted.wait();
  let before = -1;
  const stands = (): boolean => {
    const received = engine.server.counters.bytesIn;
    const same = received > 0 && received === before;
    before = received;
    return same;
  };
  await until(stands, 'the client stands still', 5_000);
  expect(engine.server.counters.bytesIn).toBeLessThan(2 * KERNEL);
  let received = 0;
  const whole = new Latch();
  const socket = upstream as Socket | null;
  socket?.on('data', (bytes: Buffer) => {
    received += bytes.length;
    if (received > 40 * MEGABYTE) whole.open();
  });
  socket?.resume();
  await whole.wait(1, 15_000);
});

test('a slow reader of small responses leaves their upstream connection to others', async () => {
  const upstream = await startUpstream(answer(200, 'x'.repeat(60_000)));
  const engine = await startEngine({ upstream: { url: upstream.url, maxConnections: 1 } });
  // More than the kernel takes for a client that does not read: the rest is held by the engine.
  const slow = new CountingClient(engine.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(300));
  await until(() => engine.server.counters.buffered > 0, 'backed up');
  const other = await connectRaw(engine.port);
  other.send('GET /other HTTP/1.1\r\nHost: a\r\n\r\n');
  await other.readUntil('\r\n\r\n');
  await other.readBytes(60_000);
  expect(engine.handler.finishedOnes.length).toBeLessThan(300);
  slow.socket.resume();
  await until(() => slow.received > 300 * 60_000, 'all is received');
  expect(upstream.connections).toBe(1);
});

test('pipelined requests are answered in order, and stop being read when too many wait', async () => {
  const upstream = await startUpstream();
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const client = await connectRaw(engine.port);
  const count = 900;
  let sent = '';
  for (let i = 0; i < count; i++) sent += `GET /n${i} HTTP/1.1\r\nHost: a\r\nX-Pad: ${'p'.repeat(500)}\r\n\r\n`;
  client.send(sent);
  for (let i = 0; i < count; i++) {
    expect(await client.readUntil('"body":""}')).toContain(`"url":"/n${i}"`);
    expect(engine.server.counters.buffered).toBeLessThan(ENGINE);
  }
  expect(upstream.connections).toBe(1);
});

test('beyond the bound of all buffers new requests are answered 503', async () => {
  const engine = await startEngine({ server: { maxBufferedBytes: -1 } });
  const client = await connectRaw(engine.port);
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  expect(await client.readToEnd()).toMatch(/^HTTP\/1\.1 503 /);
});
