import { expect, test } from 'vitest';
import { until } from '../../harness/latch.ts';
import { connectRaw, exchange } from '../../harness/raw.ts';
import { startUpstream } from '../../harness/upstream.ts';
import { answerOf, startEngine } from './support/engine.ts';

const HEAD = 'GET / HTTP/1.1\r\nHost: a\r\n';
const field = (size: number): string => `X: ${'x'.repeat(size - 5)}\r\n`;

test.each([
  ['a head of 32 KiB', `${HEAD}${field(32_768 - HEAD.length - 2)}\r\n`, 200],
  ['a head of one byte more', `${HEAD}${field(32_769 - HEAD.length - 2)}\r\n`, 431],
  ['a head without end', `${HEAD}${field(40_000).slice(0, -2)}`, 431],
  ['100 fields', `${HEAD}${'X: y\r\n'.repeat(99)}\r\n`, 200],
  ['101 fields', `${HEAD}${'X: y\r\n'.repeat(100)}\r\n`, 431],
  ['3,000 fields', `${HEAD}${'X: y\r\n'.repeat(3_000)}`, 431],
  ['a target of 16 KiB', `GET /${'a'.repeat(16_383)} HTTP/1.1\r\nHost: a\r\n\r\n`, 200],
  ['a target of one byte more', `GET /${'a'.repeat(16_384)} HTTP/1.1\r\nHost: a\r\n\r\n`, 414],
  ['a target without end', `GET /${'a'.repeat(20_000)}`, 414],
  ['a method without end', 'A'.repeat(100), 501],
  [
    'a chunk line of 64 bytes',
    `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;${'e'.repeat(60)}\r\nx\r\n0\r\n\r\n`,
    200,
  ],
  [
    'a longer chunk line',
    `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;${'e'.repeat(64)}\r\nx\r\n0\r\n\r\n`,
    400,
  ],
  [
    'trailers of 8 KiB',
    `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n${field(8_180)}\r\n`,
    200,
  ],
  ['longer trailers', `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n${field(8_200)}\r\n`, 400],
])('%s', async (_, request, status) => {
  const engine = await startEngine();
  const client = await connectRaw(engine.port);
  client.send(request);
  expect(await client.readUntil('\r\n\r\n')).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  if (status !== 200) {
    await client.readToEnd();
    expect(engine.handler.seen).toHaveLength(0);
    expect(engine.server.counters.refused.size).toBe(1);
  }
});

test.each([
  ['a head of 64 KiB', 65_000, 200],
  ['a longer head', 70_000, 502],
])('a response with %s', async (_, size, status) => {
  const upstream = await startUpstream((request) => {
    request.socket.write(`HTTP/1.1 200 OK\r\n${field(size)}Content-Length: 0\r\n\r\n`);
  });
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const reply = await exchange(engine.port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  expect(reply).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
});

test('the last request of a connection is answered with Connection: close', async () => {
  const engine = await startEngine({ server: { maxRequestsPerConnection: 3 } });
  const client = await connectRaw(engine.port);
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(5));
  const reply = await client.readToEnd();
  expect(reply.match(/HTTP\/1\.1 200/g)).toHaveLength(3);
  expect(reply.match(/Connection: close/g)).toHaveLength(1);
});

test('a connection over the bound is answered 503 and closed; one that ends makes room', async () => {
  const engine = await startEngine({ server: { maxConnections: 1 } });
  const first = await connectRaw(engine.port);
  await until(() => engine.server.counters.open === 1, 'the first is in');
  const second = await connectRaw(engine.port);
  expect(await second.readToEnd()).toMatch(/^HTTP\/1\.1 503 [^]*Connection: close[^]*too_many_connections$/);
  first.end();
  await first.readToEnd();
  await until(() => engine.server.counters.open === 0, 'both are gone');
  const third = await connectRaw(engine.port);
  third.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await third.readUntil('local /');
});

test('after an error up to 64 KiB are read and thrown away, so that the client sees the answer', async () => {
  const engine = await startEngine();
  engine.handler.decide = (one) => one.respond(answerOf(403, 'no'));
  const client = await connectRaw(engine.port);
  client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n`);
  expect(await client.readUntil('no')).toMatch(/^HTTP\/1\.1 403 [^]*Connection: close/);
  client.send('x'.repeat(50_000));
  expect(await client.readToEnd()).toBe('');
  expect(client.state).toBe('ended');
  expect(engine.handler.seen).toHaveLength(1);
});

test('what comes after an error without end ends the connection', async () => {
  const engine = await startEngine();
  const client = await connectRaw(engine.port);
  client.send(`BAD\r\n\r\n${'x'.repeat(1_000_000)}`);
  await until(() => engine.server.counters.open === 0, 'closed');
  expect(engine.server.counters.bytesIn).toBeLessThan(400_000);
});
