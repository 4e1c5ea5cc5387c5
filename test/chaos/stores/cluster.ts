import { startCluster } from '../../harness/cluster.ts';
import type { PrivateCluster } from '../../harness/cluster.ts';
import { DURABLE, startMissing } from './store.ts';
import type { RedisStore } from './store.ts';

/** A Redis Cluster of three masters. */
export interface ClusterStore extends RedisStore {
  readonly cluster: PrivateCluster;
}

export async function startClusterStore(): Promise<ClusterStore> {
  const cluster = await startCluster(3, DURABLE);
  return {
    cluster,
    url: cluster.url,
    link: null,
    servers: cluster.nodes,
    victim: (random) => Promise.resolve(random.pick(cluster.nodes)),
    async heal() {
      await startMissing(cluster.nodes);
      await cluster.whole();
    },
    async close() {
      for (const node of cluster.nodes) await node.close();
    },
  };
}
