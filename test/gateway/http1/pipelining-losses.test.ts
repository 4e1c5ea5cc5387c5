import { expect, test } from 'vitest';
import { until } from '../../harness/latch.ts';
import { get, startPipelined } from './support/pipelined-world.ts';
import type { PipelinedWorld } from './support/pipelined-world.ts';
import { echoPath, ok } from './support/scripted-upstream.ts';

const BIG = 200_000;

/** The paths that each connection was asked for, in order, after the proof. */
function asked(world: PipelinedWorld): readonly (readonly string[])[] {
  const requests = world.upstream.requests.slice(60);
  return world.upstream.sockets.map((_, index) =>
    requests.filter(({ connection }) => connection === index).map(({ path }) => path),
  );
}

test('a client that leaves while it waits behind others changes nothing for them', async () => {
  const world = await startPipelined();
  const [a, b, c] = await world.together(get('/a'), get('/b'), get('/c'));
  const [request] = await world.arrived(3);
  b?.reset();
  await world.engine.handler.over.wait(61);
  request?.socket.write(ok('/a') + ok('SECRET') + ok('/c'));
  expect(await a?.readUntil('/a')).toMatch(/200 OK/);
  expect(await c?.readUntil('/c')).toMatch(/200 OK/);
  expect(`${a?.received}${c?.received}`).not.toContain('SECRET');
  expect(asked(world)).toEqual([['/a', '/b', '/c']]);
});

test('a client that leaves half-way through its answer changes nothing for those behind it', async () => {
  const world = await startPipelined();
  const [a, b] = await world.together(get('/a'), get('/b'));
  const [request] = await world.arrived(2);
  request?.socket.write('HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf');
  await a?.readUntil('half');
  a?.reset();
  await world.engine.handler.over.wait(61);
  request?.socket.write(`rest${ok('/b')}`);
  expect(await b?.readUntil('/b')).toMatch(/200 OK/);
  expect(b?.received).not.toContain('rest');
  expect(asked(world)).toEqual([['/a', '/b']]);
});

test('an answer that nobody waits for and that is long ends the connection; those behind it are asked for again', async () => {
  const world = await startPipelined();
  const [a, b, c] = await world.together(get('/a'), get('/b'), get('/c'));
  const [request] = await world.arrived(3);
  a?.reset();
  await world.engine.handler.over.wait(61);
  world.upstream.answer = echoPath;
  request?.socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${BIG}\r\n\r\n${'x'.repeat(BIG - 1)}`);
  expect(await b?.readUntil('/b')).toMatch(/200 OK/);
  expect(await c?.readUntil('/c')).toMatch(/200 OK/);
  expect(asked(world)).toEqual([['/a', '/b', '/c'], ['/b'], ['/c']]);
});

test('when all clients of a connection have left it is closed', async () => {
  const world = await startPipelined();
  const clients = await world.together(get('/a'), get('/b'));
  await world.arrived(2);
  for (const client of clients) client.reset();
  await until(() => world.upstream.open === 0, 'the connection is closed');
  expect(asked(world)).toEqual([['/a', '/b']]);
});

test('a client that is slow to take its answer holds up nobody for long, and its upstream is not read ahead', async () => {
  const world = await startPipelined();
  const [slow, b] = await world.together(get('/slow'), get('/b'));
  const [request] = await world.arrived(2);
  slow?.pause();
  const size = 32 * 1_048_576;
  request?.socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
  request?.socket.write(Buffer.alloc(size, 'x'));
  await until(() => (world.engine.pool?.counters.bytesIn ?? 0) > 65_536, 'some of it came');
  world.upstream.answer = echoPath;
  await world.clock.advance(300);
  expect(await b?.readUntil('/b')).toMatch(/200 OK/);
  expect(world.engine.pool?.counters.bytesIn).toBeLessThan(size);
  slow?.resume();
  await until(() => (slow?.received.length ?? 0) > size, 'all of it came');
});

test.each([
  ['without a word', '', 'retried'],
  ['after an answer', ok('/a'), 'answered'],
  ['in the middle of an answer', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbroken', 'broken'],
  ['in the middle of a head', 'HTTP/1.1 200 OK\r\nContent-', 'refused'],
])('a connection that ends %s: what was not begun is asked for again, once, elsewhere', async (_, bytes, first) => {
  const world = await startPipelined();
  const [a, b, c] = await world.together(get('/a'), get('/b'), get('/c'));
  const [request] = await world.arrived(3);
  world.upstream.answer = echoPath;
  request?.socket.end(bytes);
  expect(await b?.readUntil('/b')).toMatch(/200 OK/);
  expect(await c?.readUntil('/c')).toMatch(/200 OK/);
  if (first === 'broken') expect(await a?.readToEnd()).toMatch(/200 OK[^]*broken$/);
  else if (first === 'refused') expect(await a?.readUntil('upstream_closed')).toMatch(/ 502 /);
  else expect(await a?.readUntil('/a')).toMatch(/200 OK/);
  const again = asked(world).slice(1).flat();
  expect(again.toSorted()).toEqual(first === 'retried' ? ['/a', '/b', '/c'] : ['/b', '/c']);
  expect(
    asked(world)
      .slice(1)
      .every((paths) => paths.length === 1),
  ).toBe(true);
  expect(world.engine.handler.seen).toHaveLength(63);
  expect(world.engine.handler.finishedOnes).toHaveLength(63);
});

test('what was sent twice and got no answer is a 502, and not sent a third time', async () => {
  const world = await startPipelined();
  const clients = await world.together(get('/a'), get('/b'));
  const [request] = await world.arrived(2);
  world.upstream.answer = ({ socket }) => void socket.destroy();
  request?.socket.destroy();
  for (const client of clients) expect(await client.readUntil('upstream_closed')).toMatch(/ 502 /);
  expect(asked(world).slice(1).flat().toSorted()).toEqual(['/a', '/b']);
});

test.each([
  ['Connection: close', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n/a'],
  ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n/a'],
  ['a body up to the end of the connection', 'HTTP/1.1 200 OK\r\n\r\n/a'],
])(
  'an answer that is the last one (%s): the rest is asked for elsewhere, without waiting for its end',
  async (_, head) => {
    const world = await startPipelined();
    const [a, b] = await world.together(get('/a'), get('/b'));
    const [request] = await world.arrived(2);
    world.upstream.answer = echoPath;
    // Without its last byte.
    request?.socket.write(head.slice(0, -1));
    expect(await b?.readUntil('/b')).toMatch(/200 OK/);
    request?.socket.end(`a${ok('POISON')}`.slice(0, head.includes('Length') ? undefined : 1));
    await until(() => /\/(?:\r\n1\r\n)?a/.test(a?.received ?? ''), 'the first has its answer');
    await until(() => world.upstream.open === 1, 'its connection is closed');
    expect(`${a?.received}${b?.received}`).not.toContain('POISON');
    expect(asked(world)).toEqual([['/a', '/b'], ['/b']]);
  },
);

test('an answer that is refused fails its own request, not those behind it', async () => {
  const world = await startPipelined();
  const [a, b] = await world.together(get('/a'), get('/b'));
  const [request] = await world.arrived(2);
  world.upstream.answer = echoPath;
  request?.socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\n/a${ok('POISON')}`);
  expect(await a?.readUntil('upstream_invalid')).toMatch(/ 502 /);
  expect(await b?.readUntil('/b')).toMatch(/200 OK/);
  expect(b?.received).not.toContain('POISON');
});

test('a slow answer holds others up for a moment only: then they are asked for elsewhere', async () => {
  const world = await startPipelined();
  const [a, b, c] = await world.together(get('/a'), get('/b'), get('/c'));
  const [request] = await world.arrived(3);
  world.upstream.answer = echoPath;
  await world.clock.advance(300);
  await b?.readUntil('/b');
  await c?.readUntil('/c');
  request?.socket.write(ok('/a') + ok('POISON') + ok('POISON'));
  expect(await a?.readUntil('/a')).toMatch(/200 OK/);
  await until(() => request?.socket.destroyed === true, 'its connection is closed');
  for (const client of [a, b, c]) expect(client?.received).not.toContain('POISON');
});

test('a client that leaves a slow answer frees those behind it, and the connection ends', async () => {
  const world = await startPipelined();
  const [a, b] = await world.together(get('/a'), get('/b'));
  const [request] = await world.arrived(2);
  world.upstream.answer = echoPath;
  a?.reset();
  await world.engine.handler.over.wait(61);
  await world.clock.advance(300);
  expect(await b?.readUntil('/b')).toMatch(/200 OK/);
  await until(() => request?.socket.destroyed === true, 'its connection is closed');
});

test('answers that nobody asked for end the connection, and go to nobody', async () => {
  const world = await startPipelined();
  const [a, b] = await world.together(get('/a'), get('/b'));
  const [request] = await world.arrived(2);
  request?.socket.write(ok('/a') + ok('/b') + ok('POISON'));
  await a?.readUntil('/a');
  await b?.readUntil('/b');
  await until(() => request?.socket.destroyed === true, 'its connection is closed');
  world.upstream.answer = echoPath;
  const [later] = await world.together(get('/later'));
  expect(await later?.readUntil('/later')).not.toContain('POISON');
});

test.each([
  ['bytes after its answer', ok('/a') + ok('POISON'), 'bytes that nobody asked for'],
  ['an answer that is refused', 'HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n', 'invalid response'],
])(
  'an upstream that once sent %s gets one request at a time, for good, and that is told once',
  async (_, bytes, reason) => {
    const world = await startPipelined();
    const { engine, upstream } = world;
    await world.together(get('/a'));
    const [request] = await world.arrived(1);
    request?.socket.write(bytes);
    await until(() => request?.socket.destroyed === true, 'its connection is closed');
    upstream.answer = echoPath;
    for (let i = 0; i < 60; i++) {
      const [client] = await world.together(get(`/${i}`));
      await client?.readUntil(`/${i}`);
    }
    upstream.answer = () => {};
    await world.together(get('/b'), get('/c'));
    const requests = await world.arrived(63);
    expect(new Set(requests.slice(-2).map(({ connection }) => connection)).size).toBe(2);
    expect(engine.transitions.filter((line) => line.startsWith('alone'))).toEqual([`alone ${upstream.url}: ${reason}`]);
  },
);

test('bytes that come before a request was written are no answer to it', async () => {
  const world = await startPipelined({ maxConnections: 1 });
  const [first] = await world.together(get('/first'));
  const [request] = await world.arrived(1);
  const [second] = await world.together(get('/second'));
  await until(() => world.engine.pool?.counters.waiting === 1, 'it waits');
  world.upstream.answer = echoPath;
  // One read takes 64 KiB: the second request is begun with the first read, and the next read follows at once.
  const head = 'HTTP/1.1 200 OK\r\nContent-Length: 65000\r\nX-Pad: ';
  const pad = 65_536 - 65_000 - head.length - 4;
  request?.socket.write(`${head}${'p'.repeat(pad)}\r\n\r\n${'x'.repeat(65_000)}${ok('POISON')}`);
  await first?.readUntil('x'.repeat(65_000));
  expect(await second?.readUntil('/second')).not.toContain('POISON');
});
