import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { entry, part, request } from '../../../contract/store/requests.ts';
import { until } from '../../../harness/latch.ts';
import { startRedis } from '../../../harness/redis.ts';
import { openStore, outcome } from './support.ts';

test(
  'where replies are lost no decision is counted twice, and no batch is lost or doubled',
  { timeout: 60_000 },
  async () => {
    const redis = await startRedis({ appendonly: true, appendfsync: 'always' });
    const port = await lossyLink(redis.socket, 40);
    const store = await openStore(`redis://127.0.0.1:${port}`);
    let answered = 0;
    for (let asked = 0; asked < 400; asked++) {
      if ((await outcome(store.counters.decide(request({ application: 'decided' })))) === 'answered') answered += 1;
      else await until(async () => (await store.health()).ready, 'the store is reached again');
    }
    for (let sequence = 1; sequence <= 200; sequence++) {
      const batch = part(store.counters, sequence, [entry(1n, 1n, { application: 'batched' })], { floor: sequence });
      await until(async () => (await outcome(store.counters.apply([batch]))) === 'answered', 'the batch is applied');
    }
    const direct = await openStore(redis.url);
    const usage = async (application: string): Promise<number> =>
      Number((await direct.counters.series('shop', application, { metric: 'hits' }, 'eternity', [0]))[0]);
    expect(await usage('batched')).toBe(200);
    expect(await usage('decided')).toBeGreaterThanOrEqual(answered);
    expect(await usage('decided')).toBeLessThanOrEqual(400);
    expect(answered).toBeLessThan(400);
  },
);

/** A link that passes everything on to the server, and cuts the connection in place of each n-th chunk of replies. */
async function lossyLink(path: string, every: number): Promise<number> {
  const sockets = new Set<Socket>();
  let replies = 0;
  const server: Server = createServer((client) => {
    const upstream = connect(path);
    sockets.add(client).add(upstream);
    client.pipe(upstream);
    upstream.on('data', (chunk) => {
      replies += 1;
      if (replies % every === 0) client.destroy();
      else client.write(chunk);
    });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the link has no port');
  return address.port;
}
