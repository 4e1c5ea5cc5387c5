import { pause } from '../admin.ts';
import type { Fault } from './fault.ts';

/** Hash tags whose slots are moved: the configuration's, the queue's, and some shards'. */
const TAGS = ['{config}', '{tallygate-jobs}'];
const SHARDS = 64;
const MOVED_SHARDS = 6;

/** Faults of a Redis Cluster. */
export const CLUSTER_FAULTS: readonly Fault[] = [
  {
    rows: [44],
    name: 'cluster: slots move under load',
    killsGateway: false,
    stores: ['cluster'],
    async run({ world: { cluster }, random }) {
      if (cluster === null) throw new Error('slots move in a cluster only');
      await cluster.whole();
      const shards = Array.from(
        { length: MOVED_SHARDS },
        () => `{s${String(random.between(0, SHARDS - 1)).padStart(2, '0')}}`,
      );
      for (const tag of new Set([...TAGS, ...shards])) {
        const { slot, owner } = await cluster.ownerOf(tag);
        await cluster.moveSlot(slot, owner, random.pick(cluster.nodes.filter((node) => node !== owner)));
        await pause(random.between(50, 300));
      }
    },
  },
];
