import { expect, test } from 'vitest';
import { hang, rawBytes } from '../../harness/behaviour.ts';
import { TestClock } from '../../harness/clock.ts';
import { until } from '../../harness/latch.ts';
import { connectRaw } from '../../harness/raw.ts';
import type { RawClient } from '../../harness/raw.ts';
import { startUpstream } from '../../harness/upstream.ts';
import { startEngine } from './support/engine.ts';
import type { EngineOptions, TestEngine } from './support/engine.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const POST = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n';

async function start(
  options: EngineOptions = {},
): Promise<{ clock: TestClock; engine: TestEngine; client: RawClient }> {
  const clock = new TestClock();
  const engine = await startEngine({ clock, ...options });
  const client = await connectRaw(engine.port);
  await until(() => engine.server.counters.open === 1, 'accepted');
  return { clock, engine, client };
}

test('a connection that says nothing is closed without an answer', async () => {
  const { clock, client } = await start();
  await clock.advance(9_900);
  expect(client.state).toBe('open');
  await clock.advance(200);
  expect(await client.readToEnd()).toBe('');
});

test('a head that is not complete in time is answered 408, however its bytes drip in', async () => {
  const { clock, engine, client } = await start();
  for (let i = 0; i < 10; i++) {
    client.send('GET / HTTP/1.1\r\n'.charAt(i));
    await until(() => engine.server.counters.bytesIn === i + 1, 'received');
    await clock.advance(1_010);
  }
  expect(await client.readToEnd()).toMatch(/^HTTP\/1\.1 408 [^]*Connection: close/);
});

test('on a kept-alive connection the time of a head begins with its first byte', async () => {
  const { clock, engine, client } = await start();
  client.send(GET);
  await client.readUntil('local /');
  await clock.advance(60_000);
  client.send('GET ');
  await until(() => engine.server.counters.bytesIn === GET.length + 4, 'received');
  await clock.advance(9_900);
  expect(client.state).toBe('open');
  await clock.advance(200);
  expect(await client.readToEnd()).toMatch(/^HTTP\/1\.1 408 /);
});

test('a kept-alive connection without a request is closed', async () => {
  const { clock, client } = await start();
  client.send(GET);
  await client.readUntil('local /');
  await clock.advance(74_900);
  expect(client.state).toBe('open');
  await clock.advance(200);
  expect(await client.readToEnd()).toBe('');
});

test('a body that stands still is answered 408, and its request broken off', async () => {
  const upstream = await startUpstream();
  const { clock, client } = await start({ upstream: { url: upstream.url } });
  client.send(`${POST}${'x'.repeat(50_000)}`);
  await until(() => upstream.seen.length === 1, 'the upstream was asked');
  await clock.advance(29_900);
  expect(client.state).toBe('open');
  await clock.advance(200);
  expect(await client.readToEnd()).toMatch(/^HTTP\/1\.1 408 /);
  await until(() => upstream.open === 0, 'broken off');
});

test('a body that drips in below the least rate is answered 408', async () => {
  const upstream = await startUpstream();
  const { clock, engine, client } = await start({ upstream: { url: upstream.url } });
  client.send(POST);
  for (let second = 1; second <= 30; second++) {
    client.send('x');
    await until(() => engine.server.counters.bytesIn === POST.length + second, 'received');
    await clock.advance(1_002);
  }
  expect(await client.readToEnd()).toMatch(/^HTTP\/1\.1 408 /);
});

test('a body at the least rate may take as long as it needs', async () => {
  const upstream = await startUpstream();
  const { clock, engine, client } = await start({ upstream: { url: upstream.url } });
  client.send(POST);
  for (let minute = 1; minute <= 10; minute++) {
    client.send('x'.repeat(10_000));
    await until(() => engine.server.counters.bytesIn === POST.length + 10_000 * minute, 'received');
    await clock.advance(25_000);
  }
  expect(await client.readUntil('"body"')).toMatch(/^HTTP\/1\.1 200 /);
});

test('a client that does not take its response is dropped', async () => {
  const body = 'x'.repeat(20_000_000);
  const upstream = await startUpstream(
    rawBytes(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`, 'keep'),
  );
  const { clock, engine, client } = await start({ upstream: { url: upstream.url } });
  client.pause();
  client.send(GET);
  await until(() => engine.server.counters.buffered > 0, 'backed up');
  await clock.advance(30_100);
  await engine.handler.over.wait();
  expect(engine.handler.finishedOnes[0]).toMatchObject({ status: 200, failure: 'client_closed' });
  expect(engine.server.counters.open).toBe(0);
  expect(engine.server.counters.buffered).toBe(0);
});

test('an upstream that does not answer is a 504', async () => {
  const upstream = await startUpstream(hang);
  const { clock, engine, client } = await start({ upstream: { url: upstream.url } });
  client.send(GET);
  await until(() => upstream.seen.length === 1, 'the upstream was asked');
  await clock.advance(60_100);
  expect(await client.readUntil('upstream_timeout')).toMatch(/^HTTP\/1\.1 504 /);
  await until(() => upstream.open === 0, 'its connection is gone');
  expect(engine.handler.finishedOnes[0]).toMatchObject({ status: 504, failure: 'upstream_timeout' });
});

test('an upstream that stops in the middle of its response breaks it off', async () => {
  const upstream = await startUpstream(rawBytes('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok', 'keep'));
  const { clock, client } = await start({ upstream: { url: upstream.url } });
  client.send(GET);
  await client.readUntil('ok');
  await clock.advance(60_100);
  expect(await client.readToEnd()).toBe('');
});

test('an upstream that cannot be connected in time is a 504', async () => {
  // No packet is answered for this address (RFC 5737), where it does not fail at once.
  const { clock, engine, client } = await start({ upstream: { url: 'http://192.0.2.1:9' } });
  client.send(GET);
  await engine.handler.asked.wait();
  await until(() => engine.pool?.counters.connects === 1, 'connecting');
  await clock.advance(1_100);
  expect(await client.readUntil('upstream_')).toMatch(/^HTTP\/1\.1 50[24] /);
});

test('a handler that never decides is answered for, with 500', async () => {
  const { clock, engine, client } = await start();
  engine.handler.decide = () => {};
  client.send(GET);
  await engine.handler.asked.wait();
  await clock.advance(60_100);
  expect(await client.readUntil('internal_error')).toMatch(/^HTTP\/1\.1 500 /);
});

test('an idle upstream connection is closed before the upstream would', async () => {
  const upstream = await startUpstream();
  const { clock, client } = await start({ upstream: { url: upstream.url } });
  client.send(GET);
  await client.readUntil('"body":""}');
  expect(upstream.open).toBe(1);
  await clock.advance(4_100);
  await until(() => upstream.open === 0, 'closed');
});

test('nothing is left on the clock when the engine is closed', async () => {
  const upstream = await startUpstream();
  const { clock, engine, client } = await start({ upstream: { url: upstream.url } });
  client.send(GET);
  await client.readUntil('"body":""}');
  await engine.server.close();
  await engine.pool?.close();
  expect(clock.pending).toBe(0);
});
