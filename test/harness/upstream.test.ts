import { expect, test } from 'vitest';
import { systemClock } from '../../shared/clock.ts';
import { answer, chunked, delayed, dieHalfWay, rawBytes, reset, trickle } from './behaviour.ts';
import { connectRaw, exchange } from './raw.ts';
import { startUpstream } from './upstream.ts';

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;

test('the ledger counts what was answered in full, per application', async () => {
  const upstream = await startUpstream(answer(200, 'ok'));
  await exchange(upstream.port, get('/?user_key=a'));
  await exchange(upstream.port, get('/?user_key=a'));
  await exchange(upstream.port, get('/?app_id=b'));
  upstream.on('/broken', dieHalfWay(10, 5));
  await exchange(upstream.port, get('/broken?user_key=a'));
  expect(upstream.served('a')).toBe(2);
  expect(upstream.served()).toBe(3);
  expect(upstream.seen).toHaveLength(4);
});

test('echo shows the header lines as they came', async () => {
  const upstream = await startUpstream();
  const reply = await exchange(
    upstream.port,
    'POST /x?y HTTP/1.1\r\nHost: a\r\nX-Odd: 1\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi',
  );
  expect(reply).toContain('"X-Odd","1"');
  expect(reply).toContain('"body":"hi"');
});

test('chunks and raw bytes come as they were scripted', async () => {
  const upstream = await startUpstream(chunked(['ab', 'c']));
  expect(await exchange(upstream.port, get('/'))).toMatch(/2\r\nab\r\n1\r\nc\r\n0\r\n\r\n$/);
  upstream.on('/raw', rawBytes('HTTP/1.1 200 OK\r\n\r\nhello'));
  expect(await exchange(upstream.port, get('/raw'))).toBe('HTTP/1.1 200 OK\r\n\r\nhello');
});

test('a reset is seen as a reset', async () => {
  const upstream = await startUpstream(reset);
  const client = await connectRaw(upstream.port);
  client.send(get('/'));
  await client.readToEnd();
  expect(client.state).toBe('reset');
});

test('reading by marker and by count takes exactly that', async () => {
  const upstream = await startUpstream(answer(200, 'hello'));
  const client = await connectRaw(upstream.port);
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  expect(await client.readUntil('\r\n\r\n')).toContain('200 OK');
  expect(await client.readBytes(5)).toBe('hello');
});

test('a delayed and trickled answer comes whole, and not before its time', async () => {
  const upstream = await startUpstream(delayed(30, trickle(6, 2, 10)));
  const before = systemClock.monotonic();
  expect(await exchange(upstream.port, get('/'))).toMatch(/\r\n\r\nxxxxxx$/);
  expect(systemClock.monotonic() - before).toBeGreaterThan(45);
});
