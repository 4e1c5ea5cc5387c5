import { expect, test } from 'vitest';
import { answer } from '../../harness/behaviour.ts';
import { until } from '../../harness/latch.ts';
import { connectRaw } from '../../harness/raw.ts';
import { startUpstream } from '../../harness/upstream.ts';
import { answerOf, startEngine } from './support/engine.ts';
import { MemorySocket } from './support/memory-socket.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

test('nothing reaches upstream or client before the commit of its tick', async () => {
  const upstream = await startUpstream(answer(200, 'ok'));
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const order: string[] = [];
  const { handler } = engine;
  handler.decide = (one) => {
    order.push(`request ${handler.commits}`);
    handler.pass(one);
  };
  const commit = handler.commit.bind(handler);
  handler.commit = () => {
    order.push(`commit, upstream saw ${upstream.seen.length}`);
    return commit();
  };
  const client = await connectRaw(engine.port);
  client.send(GET);
  await client.readUntil('ok');
  expect(order[0]).toBe('request 0');
  expect(order[1]).toBe('commit, upstream saw 0');
});

test('requests of many connections that came together share one commit', async () => {
  const upstream = await startUpstream(answer(200, 'ok'));
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const clients = await Promise.all(Array.from({ length: 20 }, () => connectRaw(engine.port)));
  await until(() => engine.server.counters.open === 20, 'all are connected');
  for (const client of clients) client.send(GET);
  for (const client of clients) await client.readUntil('ok');
  expect(engine.handler.finishedOnes).toHaveLength(20);
  expect(engine.handler.commits).toBeLessThan(40);
});

test('when the commit fails nothing is sent, and each exchange gets the answer for that', async () => {
  const upstream = await startUpstream(answer(200, 'ok'));
  const engine = await startEngine({ upstream: { url: upstream.url } });
  engine.handler.committing = false;
  const client = await connectRaw(engine.port);
  client.send(GET);
  expect(await client.readUntil('journal')).toMatch(/^HTTP\/1\.1 503 /);
  expect(upstream.connections).toBe(0);
  engine.handler.committing = true;
  client.send(GET);
  expect(await client.readUntil('ok')).toMatch(/^HTTP\/1\.1 200 /);
  expect(engine.handler.finishedOnes.map((one) => one.status)).toEqual([503, 200]);
});

test('a commit that throws is a commit that failed', async () => {
  const upstream = await startUpstream(answer(200, 'ok'));
  const engine = await startEngine({ upstream: { url: upstream.url } });
  engine.handler.commit = () => {
    throw new Error('disk');
  };
  const client = await connectRaw(engine.port);
  client.send(GET);
  expect(await client.readUntil('journal')).toMatch(/^HTTP\/1\.1 503 /);
  expect(upstream.connections).toBe(0);
  expect(engine.faults.length).toBeGreaterThan(0);
});

test.each([
  [true, ['finished']],
  [false, ['uncommitted', 'finished']],
])('a client that leaves between forward and commit (%s): its usage is settled first', async (committing, order) => {
  const upstream = await startUpstream(answer(200, 'ok'));
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const { handler } = engine;
  const seen: string[] = [];
  const socket = new MemorySocket();
  engine.server.accept(socket);
  handler.committing = committing;
  handler.decide = (one) => {
    handler.pass(one);
    socket.destroy();
  };
  handler.uncommitted = () => {
    seen.push('uncommitted');
    return answerOf(503, 'journal');
  };
  const finished = handler.finished.bind(handler);
  handler.finished = (one) => {
    seen.push('finished');
    finished(one);
  };
  socket.push(Buffer.from(GET));
  await handler.over.wait();
  expect(seen).toEqual(order);
  expect(handler.finishedOnes[0]).toMatchObject({ status: 0, failure: 'client_closed' });
  expect(upstream.connections).toBe(0);
});

test('a held request is decided later, and committed then', async () => {
  const upstream = await startUpstream(answer(200, 'ok'));
  const engine = await startEngine({ upstream: { url: upstream.url } });
  engine.handler.decide = () => {};
  const client = await connectRaw(engine.port);
  client.send('GET /held HTTP/1.1\r\nHost: a\r\nX-Key: k1\r\n\r\n');
  await engine.handler.asked.wait();
  // Another head is read in between: the first one's fields are still its own.
  const other = await connectRaw(engine.port);
  other.send('GET /other HTTP/1.1\r\nHost: b\r\nX-Key: k2\r\n\r\n');
  await engine.handler.asked.wait(2);
  const [first, second] = engine.handler.seen;
  expect(first?.header('x-key')).toBe('k1');
  expect(second?.header('x-key')).toBe('k2');
  expect(first?.headerCount('x-key')).toBe(1);
  expect(engine.handler.commits).toBe(0);
  if (first !== undefined && second !== undefined) {
    engine.handler.pass(first);
    engine.handler.pass(second);
  }
  await client.readUntil('ok');
  await other.readUntil('ok');
  expect(upstream.seen.map((one) => [one.url, one.headers['x-key']])).toEqual([
    ['/held', 'k1'],
    ['/other', 'k2'],
  ]);
});

test('the exchange tells when it was received, forwarded and answered', async () => {
  const upstream = await startUpstream(answer(201, 'ok'));
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const client = await connectRaw(engine.port);
  client.send(GET);
  await client.readUntil('ok');
  const [one] = engine.handler.finishedOnes;
  expect(one).toMatchObject({ status: 201, upstreamStatus: 201, failure: null });
  expect(one?.startedAt).toBeLessThanOrEqual(one?.forwardedAt ?? 0);
  expect(one?.forwardedAt).toBeLessThanOrEqual(one?.answeredAt ?? 0);
});

test('lines that the handler adds are in the response', async () => {
  const upstream = await startUpstream(answer(200, 'ok'));
  const engine = await startEngine({ upstream: { url: upstream.url } });
  engine.handler.decide = (one) => {
    one.responseHeaders = 'RateLimit: "hits";r=1;t=2\r\n';
    engine.handler.pass(one);
  };
  const client = await connectRaw(engine.port);
  client.send(GET);
  expect(await client.readUntil('ok')).toContain('\r\nRateLimit: "hits";r=1;t=2\r\n');
});
