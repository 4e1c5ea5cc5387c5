import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { expect, test } from 'vitest';
import { ClientReader } from '../../../gateway/http1/client-reader.ts';
import { Latch } from '../../harness/latch.ts';
import { connectRaw } from '../../harness/raw.ts';
import { track } from '../../harness/resources.ts';
import { MemorySocket } from './support/memory-socket.ts';

/** Accepts connections as the engine does. */
async function listen(accept: (socket: Socket) => void): Promise<number> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, accept);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  track({ stop: async () => void server.close(), abandon: () => {} });
  return (server.address() as AddressInfo).port;
}

test('all connections are read into one buffer', async () => {
  const reader = new ClientReader();
  const buffers = new Set<Buffer>();
  const read = new Latch();
  let text = '';
  const port = await listen((accepted) => {
    const socket = reader.adopt(accepted, {
      receive(bytes, length) {
        buffers.add(bytes);
        text += bytes.toString('latin1', 0, length);
        read.open();
      },
    });
    track({ stop: async () => void socket.destroy(), abandon: () => {} });
  });
  for (const word of ['one', 'two']) {
    const client = await connectRaw(port);
    client.send(word);
    await read.wait(read.count + 1);
  }
  expect(text).toBe('onetwo');
  expect(buffers.size).toBe(1);
});

test('the socket in its place pauses, ends and closes as any other', async () => {
  const reader = new ClientReader();
  const accepted = new Latch();
  const ended = new Latch();
  let socket: Socket | null = null;
  let received = 0;
  const port = await listen((one) => {
    socket = reader.adopt(one, { receive: (_bytes, length) => void (received += length) });
    socket.on('end', ended.open);
    socket.pause();
    accepted.open();
  });
  const client = await connectRaw(port);
  await accepted.wait();
  const own = socket as unknown as Socket;
  expect(own.remoteAddress).toBe('127.0.0.1');
  client.send('x'.repeat(1_000));
  client.end();
  own.write('answer');
  await client.readUntil('answer');
  expect(received).toBe(0);
  own.resume();
  await ended.wait();
  expect(received).toBe(1_000);
  own.end();
  expect(await client.readToEnd()).toBe('');
});

test('a socket that is none of net is read in the ordinary way', async () => {
  const socket = new MemorySocket();
  const read = new Latch();
  let text = '';
  const receive = (bytes: Buffer, length: number): void => {
    text = bytes.toString('latin1', 0, length);
    read.open();
  };
  expect(new ClientReader().adopt(socket, { receive })).toBe(socket);
  socket.push('hello');
  await read.wait();
  expect(text).toBe('hello');
});
