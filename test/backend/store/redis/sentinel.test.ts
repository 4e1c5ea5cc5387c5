import { expect, test } from 'vitest';
import { request } from '../../../contract/store/requests.ts';
import { until } from '../../../harness/latch.ts';
import { startSentinelGroup } from '../../../harness/sentinel.ts';
import { openStore, outcome } from './support.ts';

test('a failover by Sentinel is followed, under another identity', { timeout: 60_000 }, async () => {
  const group = await startSentinelGroup({ replicas: 1, sentinels: 1 });
  const store = await openStore(group.url, { waitReplicas: 1 });
  await until(async () => (await outcome(store.counters.decide(request()))) === 'answered', 'the replica confirms');
  const identity = store.identity();
  const [before = 0n] = await store.counters.series('shop', 'app', { metric: 'hits' }, 'eternity', [0]);
  const master = await group.master();
  await master.kill();
  await until(async () => (await group.master()) !== master, 'the replica is promoted', 20_000);
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
