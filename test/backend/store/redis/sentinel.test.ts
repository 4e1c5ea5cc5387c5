import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { redisCacheFolder } from '../../../../bin/redis/cache-folder.ts';
import { findRedis } from '../../../../bin/redis/find.ts';
import { request } from '../../../contract/store/requests.ts';
import { until } from '../../../harness/latch.ts';
import { freePort } from '../../../harness/ports.ts';
import { startProcess } from '../../../harness/process.ts';
import { startRedis } from '../../../harness/redis.ts';
import type { PrivateRedis } from '../../../harness/redis.ts';
import { openStore, outcome } from './support.ts';

test('a failover by Sentinel is followed, under another identity', { timeout: 60_000 }, async () => {
  const master = await startRedis({ tcp: true });
  const replica = await startRedis({ tcp: true, replicaof: master });
  await until(
    async () => (await replica.cli('INFO', 'replication')).includes('master_link_status:up'),
    'the replica is up',
  );
  const port = await startSentinel(master);
  const store = await openStore(`redis+sentinel://127.0.0.1:${port}/shop`, { waitReplicas: 1 });
  await until(async () => (await outcome(store.counters.decide(request()))) === 'answered', 'the replica confirms');
  const identity = store.identity();
  const [before = 0n] = await store.counters.series('shop', 'app', { metric: 'hits' }, 'eternity', [0]);
  await master.kill();
  await until(
    async () => (await replica.cli('INFO', 'replication')).includes('role:master'),
    'the replica is promoted',
    20_000,
  );
  // The new master has no replica, so no grant is answered; what was counted is there.
  await until(
    async () => (await outcome(store.counters.decide(request()))) === 'not_replicated',
    'it is followed',
    20_000,
  );
  const [after = 0n] = await store.counters.series('shop', 'app', { metric: 'hits' }, 'eternity', [0]);
  expect(after).toBeGreaterThanOrEqual(before);
  expect(store.identity()).not.toBe(identity);
});

async function startSentinel(master: PrivateRedis): Promise<number> {
  const { path, env } = await findRedis(redisCacheFolder());
  const port = await freePort();
  const file = join(master.folder, 'sentinel.conf');
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${master.folder}`,
    `sentinel monitor shop 127.0.0.1 ${master.port} 1`,
    'sentinel down-after-milliseconds shop 500',
    'sentinel failover-timeout shop 3000',
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  await startProcess(path, [file, '--sentinel'], { env, ready: /\+slave slave/ });
  return port;
}
