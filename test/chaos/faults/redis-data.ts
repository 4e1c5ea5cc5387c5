import { bulkStrings } from '../../harness/cluster.ts';
import type { PrivateRedis } from '../../harness/redis.ts';
import { call, metric, pause, untilTrue } from '../admin.ts';
import { injectSync } from '../inject.ts';
import type { World } from '../world.ts';
import type { Fault } from './fault.ts';

const SPOIL = "redis.call('RENAME', KEYS[1], KEYS[2]) redis.call('LPUSH', KEYS[1], 'not a counter')";

/** Faults of what Redis keeps. */
export const REDIS_DATA_FAULTS: readonly Fault[] = [
  {
    rows: [30],
    name: 'redis: kill -9 while its disk is slow (AOF everysec)',
    killsGateway: false,
    forgets: true,
    stores: ['redis'],
    async run({ world, random }) {
      const redis = await victim(world);
      await redis.cli('CONFIG', 'SET', 'appendfsync', 'everysec');
      const injection = await injectSync(redis.pid, 'delay_enter=3000000');
      await pause(random.between(3_000, 4_500));
      await redis.kill();
      await injection.stop();
      await redis.start();
    },
  },
  emptied('redis: FLUSHALL', async (redis) => void (await redis.cli('FLUSHALL'))),
  emptied('redis: comes back with an empty disk', async (redis) => {
    await redis.kill();
    await redis.wipe();
    await redis.start();
  }),
  {
    rows: [40],
    name: 'redis: a counter of the wrong type',
    killsGateway: false,
    stores: ['redis', 'sentinel', 'cluster'],
    async run({ world, random, callers, spoiled }) {
      // One without a limit: it goes on being served, and counted in vain.
      const userKey = callers.find(({ limit }) => limit === null)?.userKey ?? '';
      const { server, key } = await counterOf(world, userKey);
      const setAside = (): Promise<number | null> =>
        metric(world.backendPort, 'tallygate_backend_usage_set_aside_total');
      const before = (await setAside()) ?? 0;
      spoiled(userKey);
      await server.cli('EVAL', SPOIL, '2', key, `${key}-kept`);
      await pause(random.between(1_500, 2_500));
      await server.cli('RENAME', `${key}-kept`, key);
      if (((await setAside()) ?? 0) <= before) throw new Error('nothing was set aside');
      const { text } = await call('GET', `http://127.0.0.1:${world.backendPort}/internal/services/chaos/errors/`);
      if (!text.includes('something else than an integer'))
        throw new Error(`no integration error tells of it: ${text}`);
    },
  },
];

/** All that Redis knew is gone. That is an outage, until the operator has brought back the configuration. */
function emptied(name: string, happen: (redis: PrivateRedis) => Promise<void>): Fault {
  return {
    rows: [31],
    name,
    killsGateway: false,
    forgets: true,
    stores: ['redis'],
    async run({ world, random, provision }) {
      await happen(await victim(world));
      await untilTrue(
        async () => {
          const { status, text } = await call('GET', `http://127.0.0.1:${world.backendPort}/health/ready`);
          return status === 503 && /come back empty|another one/.test(text);
        },
        'health says that the store is lost',
        15_000,
      );
      await pause(random.between(200, 1_000));
      // No gateway shall ask before the configuration is there: its callers would be unknown.
      world.backendLink.faults.cut = true;
      world.backendLink.reset();
      await world.backend?.stop(25_000);
      await world.worker?.stop(25_000);
      await world.startBackend();
      await provision();
      await world.startWorker();
      world.backendLink.heal();
    },
  };
}

async function victim({ redis, options }: World): Promise<PrivateRedis> {
  if (redis === null) throw new Error('this fault needs a world with Redis');
  return redis.victim(options.random);
}

/** The key of an application's counters by minute, and the server that has it. */
async function counterOf(world: World, userKey: string): Promise<{ server: PrivateRedis; key: string }> {
  const isCounter = (key: string): boolean => /^\{s\d\d\}m/.test(key) && key.endsWith(`,"${userKey}"]`);
  let found: { server: PrivateRedis; key: string } | null = null;
  await untilTrue(
    async () => {
      const servers = world.options.store === 'cluster' ? (world.redis?.servers ?? []) : [await victim(world)];
      for (const server of servers) {
        const key = bulkStrings(await server.cli('KEYS', `*m*${userKey}*`)).find(isCounter);
        if (key !== undefined) found = { server, key };
      }
      return found !== null;
    },
    `a counter of ${userKey}`,
    10_000,
  );
  if (found === null) throw new Error(`no counter of ${userKey}`);
  return found;
}
