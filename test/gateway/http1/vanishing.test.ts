import { expect, test } from 'vitest';
import { dieHalfWay, hang, held, answer, rawBytes, reset } from '../../harness/behaviour.ts';
import { Latch, until } from '../../harness/latch.ts';
import { connectRaw, exchange } from '../../harness/raw.ts';
import { startUpstream } from '../../harness/upstream.ts';
import { answerOf, startEngine } from './support/engine.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

test('a client that leaves while its request is held is told to the handler, then the exchange is over', async () => {
  const engine = await startEngine();
  engine.handler.decide = () => {};
  const client = await connectRaw(engine.port);
  client.send(GET);
  await engine.handler.asked.wait();
  client.reset();
  await engine.handler.left.wait();
  await engine.handler.over.wait();
  expect(engine.handler.finishedOnes[0]).toMatchObject({ status: 0, failure: 'client_closed' });
  engine.handler.seen[0]?.respond(answerOf(200, 'too late'));
  expect(engine.faults).toEqual([]);
  expect(engine.handler.finishedOnes).toHaveLength(1);
});

test('a client that only ends its side still gets its answer', async () => {
  const release = new Latch();
  const upstream = await startUpstream(held(release.wait(), answer(200, 'late')));
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const client = await connectRaw(engine.port);
  client.send(GET);
  client.end();
  await engine.handler.asked.wait();
  release.open();
  expect(await client.readToEnd()).toMatch(/Connection: close\r\n[^]*late$/);
});

test('requests that were sent before the client ended its side are all answered', async () => {
  const upstream = await startUpstream(answer(200, 'ok'));
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const client = await connectRaw(engine.port);
  client.send(GET + GET + GET);
  client.end();
  const reply = await client.readToEnd();
  expect(reply.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(3);
});

test('so they are when some are answered at once and others wait', async () => {
  const release = new Latch();
  const upstream = await startUpstream(held(release.wait(), answer(200, 'ok')));
  const engine = await startEngine({ upstream: { url: upstream.url } });
  engine.handler.decide = (one) => {
    if (one.path === '/wait') engine.handler.pass(one);
    else one.respond(answerOf(200, 'now'));
  };
  const client = await connectRaw(engine.port);
  client.send('GET /wait HTTP/1.1\r\nHost: a\r\n\r\n');
  await engine.handler.asked.wait();
  client.send(GET + GET + GET);
  client.end();
  await until(() => engine.server.counters.bytesIn === 3 * GET.length + GET.length + 4, 'all is received');
  release.open();
  const reply = await client.readToEnd();
  expect(reply.match(/HTTP\/1\.1 \d+/g)).toEqual(Array.from({ length: 4 }, () => 'HTTP/1.1 200'));
});

test('a client that leaves while the upstream works takes that connection with it', async () => {
  const upstream = await startUpstream(hang);
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const client = await connectRaw(engine.port);
  client.send(GET);
  await until(() => upstream.seen.length === 1, 'the upstream was asked');
  client.reset();
  await engine.handler.over.wait();
  await until(() => upstream.open === 0, 'the upstream connection is gone');
  expect(engine.handler.finishedOnes[0]).toMatchObject({ status: 0, failure: 'client_closed' });
  expect(engine.pool?.counters.open).toBe(0);
});

test('a client that leaves in the middle of its body breaks off the request', async () => {
  const upstream = await startUpstream();
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const client = await connectRaw(engine.port);
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello');
  await until(() => upstream.seen.length === 1, 'the upstream was asked');
  client.reset();
  await until(() => upstream.open === 0, 'the upstream connection is gone');
  expect(upstream.served()).toBe(0);
});

test('a client that ends its side in the middle of its body is answered 400', async () => {
  const upstream = await startUpstream();
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const client = await connectRaw(engine.port);
  client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n');
  client.end();
  expect(await client.readToEnd()).toMatch(/^HTTP\/1\.1 400 /);
  await until(() => upstream.open === 0, 'the upstream connection is gone');
  expect(upstream.served()).toBe(0);
});

test('a body that turns out to be malformed after it was begun is answered 400, and the upstream request broken off', async () => {
  const upstream = await startUpstream();
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const client = await connectRaw(engine.port);
  client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n');
  await until(() => upstream.seen.length === 1, 'the upstream was asked');
  client.send('0x1\r\na\r\n0\r\n\r\n');
  expect(await client.readToEnd()).toMatch(/^HTTP\/1\.1 400 [^]*Connection: close/);
  await until(() => upstream.open === 0, 'the upstream connection is gone');
  expect(engine.handler.finishedOnes[0]).toMatchObject({ status: 400, failure: 'bad_request' });
});

test.each([
  ['closes without an answer', rawBytes(''), 502, 'upstream_closed'],
  ['resets', reset, 502, 'upstream_closed'],
  ['closes within the head', rawBytes('HTTP/1.1 200 OK\r\nContent-'), 502, 'upstream_closed'],
  ['sends no HTTP', rawBytes('hello\r\n\r\n'), 502, 'upstream_invalid'],
])('an upstream that %s is a 502', async (_, behaviour, status, failure) => {
  const upstream = await startUpstream(behaviour);
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const client = await connectRaw(engine.port);
  client.send(GET);
  expect(await client.readUntil(failure)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  await engine.handler.over.wait();
  expect(engine.handler.finishedOnes[0]).toMatchObject({ status, failure, upstreamStatus: 0 });
  // The client's own connection has no part in it.
  upstream.behaviour = answer(200, 'well');
  client.send(GET);
  await client.readUntil('well');
  expect(engine.transitions).toEqual([expect.stringMatching(/^down /), expect.stringMatching(/^up /)]);
});

test('an upstream that cannot be reached is a 502', async () => {
  const upstream = await startUpstream();
  const { url } = upstream;
  await upstream.close();
  const engine = await startEngine({ upstream: { url } });
  const client = await connectRaw(engine.port);
  client.send(GET);
  expect(await client.readUntil('upstream_refused')).toMatch(/^HTTP\/1\.1 502 /);
});

test.each(['close', 'reset'] as const)('a response that breaks off (%s) breaks off for the client', async (how) => {
  const upstream = await startUpstream(dieHalfWay(100_000, 50_000, how));
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const reply = await exchange(engine.port, GET);
  expect(reply).toMatch(/content-length: 100000/i);
  expect(reply.length).toBeLessThan(100_000);
  await engine.handler.over.wait();
  expect(engine.handler.finishedOnes[0]).toMatchObject({ status: 200, failure: 'upstream_closed' });
});

test('a chunked response that breaks off has no last chunk', async () => {
  const upstream = await startUpstream(rawBytes('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'));
  const engine = await startEngine({ upstream: { url: upstream.url } });
  expect(await exchange(engine.port, GET)).toMatch(/5\r\nhello\r\n$/);
});

test('a response that breaks off without a length is a reset for an HTTP/1.0 client', async () => {
  const upstream = await startUpstream((request) => {
    request.socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', () =>
      request.socket.destroy(),
    );
  });
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const client = await connectRaw(engine.port);
  client.send('GET / HTTP/1.0\r\nHost: a\r\n\r\n');
  await client.readToEnd();
  expect(client.state).toBe('reset');
});

test('an exception of the handler ends its exchange with 500, and nothing else', async () => {
  const engine = await startEngine();
  engine.handler.decide = () => {
    throw new Error('broken');
  };
  const client = await connectRaw(engine.port);
  client.send(GET);
  expect(await client.readUntil('internal_error')).toMatch(/^HTTP\/1\.1 500 /);
  engine.handler.decide = (one) => engine.handler.pass(one);
  client.send(GET);
  await client.readUntil('local /');
  expect(engine.faults).toHaveLength(1);
});

test('a second answer is a fault, and is not sent', async () => {
  const engine = await startEngine();
  engine.handler.decide = (one) => {
    one.respond(answerOf(200, 'first'));
    one.respond(answerOf(200, 'second'));
  };
  const client = await connectRaw(engine.port);
  client.send(GET);
  await client.readUntil('first');
  client.end();
  expect(await client.readToEnd()).toBe('');
  expect(engine.faults).toHaveLength(1);
});
