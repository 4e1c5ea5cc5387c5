import { startSentinelGroup } from '../../harness/sentinel.ts';
import type { SentinelGroup } from '../../harness/sentinel.ts';
import { DURABLE, startMissing } from './store.ts';
import type { RedisStore } from './store.ts';

/** A master and its replicas, watched by three Sentinels. */
export interface SentinelStore extends RedisStore {
  readonly group: SentinelGroup;
}

export async function startSentinel(): Promise<SentinelStore> {
  const group = await startSentinelGroup({ replicas: 2, sentinels: 3, redis: DURABLE });
  return {
    group,
    url: group.url,
    link: null,
    servers: group.servers,
    victim: () => group.master(),
    async heal() {
      await startMissing(group.servers);
      await group.startSentinels();
      await group.whole();
    },
    close: () => group.close(),
  };
}
