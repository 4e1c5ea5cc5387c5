import { expect, test } from 'vitest';
import { until } from '../../harness/latch.ts';
import { get, startPipelined } from './support/pipelined-world.ts';
import { echoPath, ok } from './support/scripted-upstream.ts';

const POST = 'POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi';
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

test('requests of one tick go out on one connection, and each gets its own answer', async () => {
  const world = await startPipelined();
  const clients = await world.together(get('/a'), get('/b'), get('/c'));
  const requests = await world.arrived(3);
  expect(requests.map(({ path, connection }) => [path, connection])).toEqual([
    ['/a', 0],
    ['/b', 0],
    ['/c', 0],
  ]);
  requests[0]?.socket.write(ok('/a') + ok('/b') + ok('/c'));
  for (const [i, path] of ['/a', '/b', '/c'].entries()) expect(await clients[i]?.readUntil(path)).toMatch(/200 OK/);
  expect(world.engine.pool?.counters.pipelined).toBe(2);
  expect(world.engine.pool?.counters.retried).toBe(0);
});

test('it does not matter how the answers are cut', async () => {
  const world = await startPipelined();
  const clients = await world.together(get('/a'), get('/b'), get('/c'));
  const [request] = await world.arrived(3);
  const all = `${ok('/a')}${CHUNKED}2\r\n/b\r\n0\r\n\r\n${ok('/c')}`;
  for (const byte of all) await new Promise((resolve) => request?.socket.write(byte, resolve));
  await clients[2]?.readUntil('/c');
  expect(
    clients.map((client) =>
      client.received
        .replaceAll(/\r\n[012]\r\n/g, '')
        .trimEnd()
        .slice(-2),
    ),
  ).toEqual(['/a', '/b', '/c']);
});

test('no more than the configured number on one connection', async () => {
  const world = await startPipelined();
  await world.together(...['/a', '/b', '/c', '/d', '/e', '/f'].map((path) => get(path)));
  const requests = await world.arrived(6);
  expect(requests.filter(({ connection }) => connection === 0).map(({ path }) => path)).toEqual([
    '/a',
    '/b',
    '/c',
    '/d',
  ]);
});

test('a connection that has not answered yet takes one request', async () => {
  const world = await startPipelined();
  await world.together(get('/a'), get('/b'), get('/c'), get('/d'), get('/e'), get('/f'));
  const requests = await world.arrived(6);
  expect(requests.slice(4).map(({ connection }) => connection)).toHaveLength(2);
  expect(new Set(requests.filter(({ path }) => path > '/d').map(({ connection }) => connection))).toEqual(
    new Set([1, 2]),
  );
});

test('without pipelining each request has a connection for itself', async () => {
  const world = await startPipelined({ pipelining: 1 });
  await world.together(get('/a'), get('/b'));
  const requests = await world.arrived(2);
  expect(new Set(requests.map(({ connection }) => connection)).size).toBe(2);
});

test.each([
  ['a POST', POST, '/post'],
  ['a DELETE', get('/delete', 'DELETE'), '/delete'],
  ['a GET with a body', 'GET /body HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi', '/body'],
  [
    'a request that expects 100-continue',
    'GET /expect HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nhi',
    '/expect',
  ],
  [
    'an upgrade',
    'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    '/ws',
  ],
])('%s has a connection for itself: nothing before it, nothing after it', async (_, request, path) => {
  const world = await startPipelined();
  await world.together(get('/a'), request, get('/b'));
  const requests = await world.arrived(3);
  const alone = requests.find((one) => one.path === path)?.connection;
  expect(requests.filter(({ connection }) => connection === alone)).toHaveLength(1);
  expect(requests.filter(({ connection }) => connection === 0).map((one) => one.path)).toEqual(['/a', '/b']);
});

test('answers without a body, and interim ones, keep the order', async () => {
  const world = await startPipelined();
  const clients = await world.together(get('/head', 'HEAD'), get('/204'), get('/304'), get('/last'));
  const [request] = await world.arrived(4);
  const early = 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n';
  request?.socket.write(
    `HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n${early}HTTP/1.1 204 No Content\r\n\r\n` +
      `HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nETag: "1"\r\n\r\n${ok('/last')}`,
  );
  expect(await clients[0]?.readUntil('\r\n\r\n')).toMatch(/200 OK[^]*Content-Length: 99/);
  expect(await clients[1]?.readUntil('\r\n\r\n')).toMatch(/ 204 /);
  expect(await clients[2]?.readUntil('\r\n\r\n')).toMatch(/ 304 /);
  expect(await clients[3]?.readUntil('/last')).toMatch(/ 200 /);
});

test('requests that wait for a connection share the next that is free', async () => {
  const world = await startPipelined({ maxConnections: 1 });
  const [first] = await world.together(get('/first'));
  const [request] = await world.arrived(1);
  const others = await world.together(get('/a'), get('/b'), get('/c'));
  await until(() => world.engine.pool?.counters.waiting === 3, 'they wait');
  request?.socket.write(ok('/first'));
  await first?.readUntil('/first');
  await world.arrived(4);
  request?.socket.write(ok('/a') + ok('/b') + ok('/c'));
  for (const [i, path] of ['/a', '/b', '/c'].entries()) await others[i]?.readUntil(path);
  expect(world.upstream.sockets).toHaveLength(1);
});

test('a request that waits and must be alone is not passed over, and nothing is sent behind it', async () => {
  const world = await startPipelined({ maxConnections: 1 });
  const [first] = await world.together(get('/first'));
  const [request] = await world.arrived(1);
  await world.together(get('/a'), POST, get('/b'));
  await until(() => world.engine.pool?.counters.waiting === 3, 'they wait');
  world.upstream.answer = echoPath;
  request?.socket.write(ok('/first'));
  await first?.readUntil('/first');
  const requests = await world.arrived(4);
  expect(requests.map(({ path }) => path)).toEqual(['/first', '/a', '/post', '/b']);
  expect(world.engine.pool?.counters.pipelined).toBe(0);
});
