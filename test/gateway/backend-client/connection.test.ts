import { createServer, type Server, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import type { Answer } from '../../../gateway/backend-client/answer.ts';
import { BackendConnection } from '../../../gateway/backend-client/connection.ts';
import { systemClock } from '../../../shared/clock.ts';
import { createLogger } from '../../../shared/log.ts';
import { freePort } from '../../harness/ports.ts';
import { track } from '../../harness/resources.ts';

interface RawServer {
  readonly url: URL;
  readonly requests: string[];
}

/** A server that answers each request by `behave`. */
async function rawServer(behave: (socket: Socket, request: number) => void): Promise<RawServer> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      requests.push(chunk.toString('latin1'));
      behave(socket, requests.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  track({ stop: () => Promise.resolve(close()), abandon: close });
  return { url: new URL(`http://127.0.0.1:${address.port}/base/`), requests };
}

function connect(url: URL): { send: (idempotent?: boolean) => Promise<Answer>; results: string[] } {
  const results: string[] = [];
  const connection = new BackendConnection(url, 300, {
    clock: systemClock,
    log: createLogger('test', 'silent'),
    observe: (_call, result) => void results.push(result),
  });
  track({ stop: () => connection.close(), abandon: () => undefined });
  const request = { method: 'GET', path: '/x?y=1', headers: {}, body: null, maxBytes: 1000, timeoutMs: 300 } as const;
  return { send: (idempotent = false) => connection.send('test', request, idempotent), results };
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: 1\r\nX-A: 2\r\n\r\nok';

test('sends below the path of the URL and answers with status, fields and body', async () => {
  const server = await rawServer((socket) => socket.write(OK));
  const { send, results } = connect(server.url);
  const answer = await send();
  expect(answer).toMatchObject({ ok: true, status: 200 });
  expect(answer.ok && answer.body.toString()).toBe('ok');
  expect(answer.ok && answer.headers.get('x-a')).toBe('1, 2');
  expect(server.requests[0]).toMatch(/^GET \/base\/x\?y=1 HTTP\/1\.1\r\n/);
  expect(results).toEqual(['2xx']);
});

test('nothing listens: nothing was written', async () => {
  const { send, results } = connect(new URL(`http://127.0.0.1:${await freePort()}`));
  expect(await send()).toEqual({ ok: false, failure: 'refused', written: false });
  expect(results).toEqual(['refused']);
});

test.each<[string, (socket: Socket) => void, string]>([
  ['silence', () => undefined, 'timeout'],
  ['half a head', (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-'), 'timeout'],
  ['half a body', (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal'), 'timeout'],
  ['a cut body', (socket) => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal'), 'closed'],
  [
    'a large body',
    (socket) => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n${'x'.repeat(2000)}`),
    'invalid',
  ],
  ['an endless body', (socket) => socket.write(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(5000)}`), 'invalid'],
  ['another protocol', (socket) => socket.write('SSH-2.0-x\r\n'), 'invalid'],
  ['an endless head', (socket) => socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}`), 'invalid'],
])('%s is no answer and may have been counted', async (_name, behave, failure) => {
  const server = await rawServer(behave);
  const before = systemClock.monotonic();
  expect(await connect(server.url).send()).toEqual({ ok: false, failure, written: true });
  expect(systemClock.monotonic() - before).toBeLessThan(1500);
});

test('a connection that breaks under a request is tried again only when that does no harm', async () => {
  const breakFirst = (socket: Socket, request: number): void => {
    if (request === 1) socket.destroy();
    else socket.write(OK);
  };
  const once = await rawServer(breakFirst);
  expect(await connect(once.url).send(false)).toEqual({ ok: false, failure: 'closed', written: true });
  expect(once.requests).toHaveLength(1);
  const again = await rawServer(breakFirst);
  expect(await connect(again.url).send(true)).toMatchObject({ ok: true, status: 200 });
  expect(again.requests).toHaveLength(2);
});

test('a connection that the backend closed while it was idle costs nothing', async () => {
  const server = await rawServer(
    (socket) => void socket.end(OK.replace('\r\nX-A', '\r\nConnection: keep-alive\r\nX-A')),
  );
  const { send } = connect(server.url);
  for (let index = 0; index < 5; index++) {
    expect(await send()).toMatchObject({ ok: true });
    await new Promise<void>((resolve) => void systemClock.after(5, resolve));
  }
});
