import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Connection } from '../../../load/generator/connection.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** A server that gives one answer after the other, over all its connections. */
async function answering(...answers: readonly string[]): Promise<{ server: Server; port: number }> {
  let turn = 0;
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', () => {
      const answer = answers[turn++] ?? '';
      if (/connection: close/i.test(answer)) socket.end(answer);
      else socket.write(answer);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => server.close());
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { server, port: address.port };
}

/** Sends `requests` requests, one after the other; what happened, in order. */
function play(port: number, requests: number): Promise<string[]> {
  const seen: string[] = [];
  return new Promise((resolve) => {
    const connection = new Connection(port, 200, {
      answered: (intended) => void seen.push(`answered ${intended}`),
      failed: () => void seen.push('failed'),
      free(each) {
        const sent = seen.filter((word) => word.startsWith('answered')).length;
        if (sent < requests) each.send(Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n'), sent);
        else {
          each.close();
          resolve(seen);
        }
      },
    });
    cleanups.push(() => connection.close());
    connection.open();
  });
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

test('each answer counts for the request that was to be sent at its time', async () => {
  const { port } = await answering(OK, OK, OK);
  expect(await play(port, 3)).toEqual(['answered 0', 'answered 1', 'answered 2']);
});

test('a connection that ends with an answer is made again, without a fault', async () => {
  const last = OK.replace('OK\r\n', 'OK\r\nConnection: close\r\n');
  const { server, port } = await answering(OK, last, OK);
  let connections = 0;
  server.on('connection', () => connections++);
  expect(await play(port, 3)).toEqual(['answered 0', 'answered 1', 'answered 2']);
  expect(connections).toBe(2);
});

test('an answer with another status is a fault', async () => {
  const { port } = await answering(OK, OK.replace('200', '503'));
  expect(await play(port, 2)).toEqual(['answered 0', 'failed', 'answered 1']);
});
