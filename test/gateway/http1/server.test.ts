import { readFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createNetServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { answer, held } from '../../harness/behaviour.ts';
import { Latch, until } from '../../harness/latch.ts';
import { connectRaw, exchange } from '../../harness/raw.ts';
import { track } from '../../harness/resources.ts';
import { startUpstream } from '../../harness/upstream.ts';
import { startEngine } from './support/engine.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

test('a request goes to the upstream and its answer to the client', async () => {
  const upstream = await startUpstream();
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const reply = await exchange(
    engine.port,
    'POST /v1/x?a=1 HTTP/1.1\r\nHost: api.test\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi',
  );
  expect(reply).toContain('HTTP/1.1 200 OK\r\n');
  expect(reply).toContain('"url":"/v1/x?a=1"');
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
  expect(engine.server.counters).toMatchObject({ accepted: 1, open: 1, requests: 3 });
  expect(engine.pool?.counters).toMatchObject({ connects: 1, requests: 3, reused: 2, idle: 1 });
  expect(engine.server.counters.bytesOut).toBe(client.received.length);
  expect(engine.pool?.counters.bytesOut).toBeGreaterThan(engine.server.counters.bytesIn);
});

test('drain answers what is under way, closes what is idle, and takes nothing new', async () => {
  const release = new Latch();
  const upstream = await startUpstream(held(release.wait(), answer(200, 'late')));
  const engine = await startEngine({ upstream: { url: upstream.url } });
  const [busy, idle] = await Promise.all([connectRaw(engine.port), connectRaw(engine.port)]);
  busy.send(GET);
  await until(() => upstream.seen.length === 1, 'busy');
  await until(() => engine.server.counters.open === 2, 'both are connected');
  const drained = engine.server.drain();
  expect(await idle.readToEnd()).toBe('');
  idle.end();
  await expect(connectRaw(engine.port)).rejects.toThrow(/ECONNREFUSED/);
  release.open();
  expect(await busy.readToEnd()).toMatch(/Connection: close\r\n[^]*late$/);
  busy.end();
  await drained;
  expect(engine.server.counters.open).toBe(0);
});

test('stopAccepting leaves open connections as they are', async () => {
  const engine = await startEngine();
  const client = await connectRaw(engine.port);
  await until(() => engine.server.counters.open === 1, 'connected');
  engine.server.stopAccepting();
  client.send(GET);
  expect(await client.readUntil('local /')).not.toContain('Connection: close');
});

test('a clear HTTP/2 preface is answered 505 and closed', async () => {
  const engine = await startEngine();
  expect(await exchange(engine.port, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')).toMatch(/^HTTP\/1\.1 505 /);
});

test('a TLS handshake on the plain port is answered 400 at once', async () => {
  const engine = await startEngine();
  expect(await exchange(engine.port, '\x16\x03\x01\x02\x00\x01\x00')).toMatch(/^HTTP\/1\.1 400 /);
});

test('a port that is taken is an error of listen', async () => {
  const taken = createNetServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  track({ stop: async () => void taken.close(), abandon: () => {} });
  const engine = await startEngine();
  const { port } = taken.address() as AddressInfo;
  await engine.server.drain();
  await expect(engine.server.listen({ host: '127.0.0.1', port })).rejects.toThrow(/EADDRINUSE/);
});

test('a TLS upstream is verified: a certificate that nobody signed is a 502, a trusted one is used', async () => {
  const key = readFileSync(new URL('support/inner-test-key.pem', import.meta.url));
  const cert = readFileSync(new URL('support/inner-test-certificate.pem', import.meta.url));
  const tls = createTlsServer({ key, cert }, (_request, response) => void response.end('secret'));
  await new Promise<void>((resolve) => tls.listen(0, '127.0.0.1', resolve));
  track({ stop: async () => void tls.close(), abandon: () => {} });
  const url = `https://127.0.0.1:${(tls.address() as AddressInfo).port}`;
  const untrusted = await startEngine({ upstream: { url, serverName: 'inner.test' } });
  const once = GET.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n');
  expect(await exchange(untrusted.port, once)).toMatch(/^HTTP\/1\.1 502 /);
  const certificateAuthority = cert.toString();
  const otherName = await startEngine({ upstream: { url, serverName: 'other.test', certificateAuthority } });
  expect(await exchange(otherName.port, once)).toMatch(/^HTTP\/1\.1 502 /);
  const trusted = await startEngine({ upstream: { url, serverName: 'inner.test', certificateAuthority } });
  for (let i = 0; i < 2; i++) expect(await exchange(trusted.port, once)).toMatch(/^HTTP\/1\.1 200 [^]*secret$/);
  expect(trusted.pool?.counters).toMatchObject({ connects: 1, reused: 1 });
});
