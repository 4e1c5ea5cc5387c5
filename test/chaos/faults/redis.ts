import { pause } from '../admin.ts';
import type { LinkFaults } from '../link.ts';
import type { Random } from '../random.ts';
import type { PrivateRedis } from '../../harness/redis.ts';
import { sendCommand } from '../../harness/resp.ts';
import type { Fault, StoreKind } from './fault.ts';
import { ANY_REDIS } from './fault.ts';

/** Faults of Redis and of the way to it. */
export const REDIS_FAULTS: readonly Fault[] = [
  onServer('redis: kill -9 (AOF always)', [29], async (redis, random) => {
    await redis.kill();
    await pause(random.between(0, 1_500));
    await redis.start();
  }),
  onServer('redis: restart', [39], (redis) => redis.restart()),
  onServer('redis: SIGSTOP and SIGCONT', [42], async (redis, random) => {
    redis.pause();
    await pause(random.between(500, 4_000));
    redis.resume();
  }),
  onServer('redis: DEBUG SLEEP', [34], async (redis) => void (await redis.cli('DEBUG', 'SLEEP', '2').catch(() => ''))),
  onServer('redis: CLIENT PAUSE WRITE', [35], async (redis) => {
    await redis.cli('CLIENT', 'PAUSE', '2000', 'WRITE');
    await pause(2_200);
  }),
  onServer('redis: out of memory', [36], async (redis, random) => {
    await redis.cli('CONFIG', 'SET', 'maxmemory', '1mb');
    await pause(random.between(800, 2_000));
    await redis.cli('CONFIG', 'SET', 'maxmemory', '0');
  }),
  onServer('redis: SCRIPT FLUSH', [39], async (redis) => {
    for (let flush = 0; flush < 5; flush++) {
      await redis.cli('SCRIPT', 'FLUSH');
      await pause(150);
    }
  }),
  onServer(
    'redis: password set and taken away',
    [45],
    async (redis, random) => {
      await redis.cli('CONFIG', 'SET', 'requirepass', 'secret');
      await redis.cli('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'no').catch(() => '');
      await pause(random.between(500, 1_500));
      await sendCommand(redis.socket, 'secret', ['CONFIG', 'SET', 'requirepass', '']);
    },
    // Replicas, Sentinels and other nodes would need it too.
    ['redis'],
  ),
  onLink('redis: each answer may be cut', [41], (faults) => void (faults.dropAnswers = 0.02)),
  onLink('redis: half-open', [42], (faults) => void (faults.silent = true)),
  onLink('redis: 64 kbit/s', [43], (faults) => void (faults.rate = 8_000)),
];

function onServer(
  name: string,
  rows: readonly number[],
  happen: (redis: PrivateRedis, random: Random) => Promise<void>,
  stores: readonly StoreKind[] = ANY_REDIS,
): Fault {
  return {
    rows,
    name,
    killsGateway: false,
    stores,
    async run({ world: { redis }, random }) {
      if (redis === null) throw new Error(`${name} needs a world with Redis`);
      await happen(await redis.victim(random), random);
    },
  };
}

function onLink(name: string, rows: readonly number[], breakIt: (faults: LinkFaults) => void): Fault {
  return {
    rows,
    name,
    killsGateway: false,
    stores: ['redis'],
    async run({ world: { redis }, random }) {
      const link = redis?.link ?? null;
      if (link === null) throw new Error(`${name} needs a world with one link to Redis`);
      breakIt(link.faults);
      await pause(random.between(1_000, 3_000));
      link.heal();
    },
  };
}
