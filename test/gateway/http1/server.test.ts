import { expect, test } from 'vitest';
import { connectRaw, exchange } from '../../harness/raw.ts';
import { startUpstream } from '../../harness/upstream.ts';
import { startEngine } from './support/engine.ts';

test('a request goes to the upstream and its answer to the client', async () => {
  const upstream = await startUpstream();
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const reply = await exchange(
    engine.port,
    'POST /v1/x?a=1 HTTP/1.1\r\nHost: api.test\r\nX-Odd:  1\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi',
  );
  expect(reply).toContain('HTTP/1.1 200 OK\r\n');
  expect(reply).toContain('"body":"hi"');
  expect(engine.handler.finishedOnes).toHaveLength(1);
});

test('kept-alive connections are used again on both sides', async () => {
  const upstream = await startUpstream();
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const client = await connectRaw(engine.port);
  for (let i = 0; i < 3; i++) {
    client.send(`GET /v1/${i} HTTP/1.1\r\nHost: api.test\r\n\r\n`);
    await client.readUntil(`/v1/${i}`);
    await client.readUntil(`}`);
  }
  expect(upstream.connections).toBe(1);
  expect(engine.faults).toEqual([]);
});
