import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { until } from '../../harness/latch.ts';
import { connectRaw } from '../../harness/raw.ts';
import { track } from '../../harness/resources.ts';
import { startEngine } from './support/engine.ts';
import type { TestEngine } from './support/engine.ts';

const REQUEST =
  'POST /v1/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhello\r\n0\r\n\r\n';
/** The request, as the upstream gets it when it is whole. */
const WHOLE = /\r\n\r\nhello$|\r\n0\r\n\r\n$/;
const RESPONSE = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n5\r\nhello\r\n0\r\n\r\n';

/** An upstream that sends the first `length` bytes of RESPONSE when what it got matches `after`, and then `then`. */
interface Script {
  after: RegExp;
  length: number;
  then: 'close' | 'reset' | 'keep';
}

async function startScripted(script: Script): Promise<string> {
  const server = createServer((socket) => {
    let received = '';
    let played = false;
    socket.on('error', () => {});
    socket.on('data', (bytes: Buffer) => {
      received += bytes.toString('latin1');
      if (played || !script.after.test(received)) return;
      played = true;
      const { then } = script;
      socket.write(RESPONSE.slice(0, script.length), () => {
        if (then === 'close') socket.end();
        if (then === 'reset') socket.resetAndDestroy();
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  track({ stop: async () => void server.close(), abandon: () => {} });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Everything that was begun is over, nothing is held, nothing went wrong inside. */
async function expectClean(engine: TestEngine): Promise<void> {
  await until(() => engine.server.counters.open === 0, 'all client connections are closed');
  expect(engine.faults).toEqual([]);
  expect(engine.handler.finishedOnes).toHaveLength(engine.handler.seen.length);
  expect(new Set(engine.handler.finishedOnes).size).toBe(engine.handler.seen.length);
  expect(engine.server.counters.buffered).toBe(0);
  const pool = engine.pool?.counters;
  await until(() => pool?.open === pool?.idle, 'no upstream connection is busy');
}

test.each(['end', 'reset', 'destroy'] as const)(
  'a client that leaves (%s) after any byte of its request',
  async (how) => {
    const url = await startScripted({ after: WHOLE, length: RESPONSE.length, then: 'keep' });
    const engine = await startEngine({ upstream: { url } });
    for (let length = 1; length <= REQUEST.length; length++) {
      const client = await connectRaw(engine.port);
      client.send(REQUEST.slice(0, length));
      const before = engine.server.counters.bytesIn + length;
      await until(() => engine.server.counters.bytesIn >= before || how !== 'end', 'received');
      client[how]();
      if (how !== 'end') continue;
      const reply = await client.readToEnd();
      expect(reply.slice(0, 13)).toBe(length === REQUEST.length ? 'HTTP/1.1 200 ' : 'HTTP/1.1 400 ');
      client.destroy();
    }
    await expectClean(engine);
  },
  60_000,
);

test.each(['close', 'reset'] as const)(
  'an upstream that leaves (%s) after any byte of its response',
  async (then) => {
    const script: Script = { after: /./, length: 0, then };
    const engine = await startEngine({ upstream: { url: await startScripted(script) } });
    for (let length = 0; length <= RESPONSE.length; length++) {
      script.length = length;
      const client = await connectRaw(engine.port);
      client.send(REQUEST);
      const reply = await client.readToEnd();
      client.destroy();
      if (length === RESPONSE.length && then === 'close') expect(reply).toMatch(/hello(\r\n0\r\n\r\n)?$/);
      // What is not whole is an error, or a chunked body without its end.
      else if (length < RESPONSE.length)
        expect(reply).toMatch(/^$|^HTTP\/1\.1 502 |chunked[^]*\r\n\r\n(5\r\n[hello]{1,5}\r\n|[0-9]\r\n[hello]+\r\n)*$/);
      expect(reply).not.toMatch(/HTTP\/1\.1 200[^]*Content-Length: [0-4]\r\n/);
    }
    await expectClean(engine);
  },
  60_000,
);

test('an upstream that answers after any byte of the request', async () => {
  const script: Script = { after: /./, length: RESPONSE.length, then: 'keep' };
  const engine = await startEngine({ upstream: { url: await startScripted(script) } });
  for (let length = REQUEST.indexOf('\r\n\r\n') + 4; length < REQUEST.length; length++) {
    const client = await connectRaw(engine.port);
    client.send(REQUEST.slice(0, length));
    expect(await client.readUntil('hello')).toMatch(/^HTTP\/1\.1 200 /);
    client.send(REQUEST.slice(length));
    await client.readToEnd();
    client.destroy();
  }
  await expectClean(engine);
}, 60_000);
