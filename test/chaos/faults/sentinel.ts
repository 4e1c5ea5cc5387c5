import type { SentinelGroup } from '../../harness/sentinel.ts';
import type { PrivateRedis } from '../../harness/redis.ts';
import { pause, untilTrue } from '../admin.ts';
import type { Random } from '../random.ts';
import type { Fault } from './fault.ts';

/** Longest time in which another server must be the master, ms. */
const FAILOVER = 30_000;

/** Faults of a master, its replicas and its Sentinels. */
export const SENTINEL_FAULTS: readonly Fault[] = [
  onGroup('sentinel: the master killed, a replica takes over', [32], async (group, master) => {
    await master.kill();
    await taken(group, master);
    await master.start();
  }),
  onGroup('sentinel: SENTINEL FAILOVER', [32], async (group, master) => {
    await group.failover();
    await taken(group, master);
  }),
  onGroup('sentinel: replicas cut off, then the master killed', [32], async (group, master, random) => {
    const replicas = group.servers.filter((server) => server !== master);
    for (const replica of replicas) replica.pause();
    await pause(random.between(500, 1_500));
    await master.kill();
    for (const replica of replicas) replica.resume();
    await taken(group, master);
    await master.start();
  }),
  onGroup(
    'sentinel: the master held up until a replica took over, then writable again',
    [32, 33],
    async (group, master) => {
      master.pause();
      await taken(group, master);
      master.resume();
    },
  ),
  onGroup('sentinel: a replica killed', [32], async (group, master, random) => {
    const replica = random.pick(group.servers.filter((server) => server !== master));
    await replica.kill();
    await pause(random.between(500, 2_000));
    await replica.start();
  }),
  onGroup('sentinel: a Sentinel killed, then the master', [32], async (group, master) => {
    await group.killSentinel(0);
    await master.kill();
    await taken(group, master);
    await master.start();
  }),
];

function onGroup(
  name: string,
  rows: readonly number[],
  happen: (group: SentinelGroup, master: PrivateRedis, random: Random) => Promise<void>,
): Fault {
  return {
    rows,
    name,
    killsGateway: false,
    forgets: false,
    stores: ['sentinel'],
    async run({ world: { sentinel }, random }) {
      if (sentinel === null) throw new Error(`${name} needs a world with Sentinels`);
      await happen(sentinel, await sentinel.master(), random);
    },
  };
}

async function taken(group: SentinelGroup, old: PrivateRedis): Promise<void> {
  await untilTrue(async () => (await group.master()) !== old, 'another server is the master', FAILOVER);
}
