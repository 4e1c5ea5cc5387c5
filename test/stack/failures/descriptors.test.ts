import { readdir } from 'node:fs/promises';
import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../../shared/package-root.ts';
import { until } from '../../harness/latch.ts';
import { freePort } from '../../harness/ports.ts';
import { startProcess } from '../../harness/process.ts';
import { connectRaw } from '../../harness/raw.ts';
import { track } from '../../harness/resources.ts';
import { get, startStack } from '../../harness/stack.ts';

/** What the process may have open. */
const DESCRIPTORS = 256;
const CLIENTS = 1_000;

test(
  'a gateway without a file descriptor left serves and records who is connected, and recovers',
  { timeout: 90_000 },
  async () => {
    const stack = await startStack({ gateways: 0 });
    await stack.application('connected', null);
    const journal = join(stack.folder, 'descriptors');
    const port = await freePort();
    const env = {
      UPSTREAM_URL: stack.upstream.url,
      BACKEND_URL: `http://127.0.0.1:${stack.backend.port}`,
      SERVICE_ID: 'stack',
      SERVICE_TOKEN: 'stack-token',
      HOST: '127.0.0.1',
      PORT: String(port),
      ADMIN_PORT: String(await freePort()),
      JOURNAL_DIR: journal,
    };
    const args = ['-c', `ulimit -n ${DESCRIPTORS}; exec "$0" "$@"`, process.execPath];
    const gateway = await startProcess('bash', [...args, join(packageRoot, 'bin/tallygate.js'), 'gateway'], {
      env,
      ready: /gateway is listening/,
    });
    const client = await connectRaw(port);
    let answers = 0;
    const ask = async (): Promise<void> => {
      client.send('GET /?user_key=connected HTTP/1.1\r\nHost: a\r\n\r\n');
      answers += 1;
      await until(() => client.received.split('HTTP/1.1 200').length === answers + 1, 'it is answered');
    };
    await ask();
    const idle = await crowd(port);
    const before = await segments(journal);
    let looks = 0;
    await until(
      async () => {
        // Now and then: a connection ends after 1,000 requests, and a new one would find no descriptor.
        if (looks++ % 20 === 0) await ask();
        return (await segments(journal)) > before + 2;
      },
      'segments follow each other',
      40_000,
    );
    expect(gateway.running).toBe(true);
    for (const socket of idle) socket.destroy();
    client.destroy();
    await until(async () => (await get(port, '/?user_key=connected').catch(() => null))?.status === 200, 'it recovers');
    const served = (): number => stack.upstream.served('connected');
    await until(async () => (await stack.counted('connected')) === served(), 'all that was served is counted', 30_000);
    expect(gateway.output).not.toContain('journal_not_writable');
  },
);

/** Connections that say nothing: more than the gateway has descriptors for. */
async function crowd(port: number): Promise<readonly Socket[]> {
  const sockets = Array.from({ length: CLIENTS }, () => createConnection(port, '127.0.0.1'));
  const stop = (): void => sockets.forEach((socket) => socket.destroy());
  track({ stop: () => Promise.resolve(stop()), abandon: stop });
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise<void>((resolve) => {
          socket.once('connect', resolve);
          socket.once('error', () => resolve());
          socket.on('error', () => undefined);
        }),
    ),
  );
  return sockets;
}

/** The highest sequence of a segment in the journal. */
async function segments(journal: string): Promise<number> {
  const files = await readdir(journal, { recursive: true });
  return Math.max(0, ...files.map((file) => Number(/(\d+)\.(?:open|sealed|done)$/.exec(file)?.[1] ?? 0)));
}
