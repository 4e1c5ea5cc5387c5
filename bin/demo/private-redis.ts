import { once } from 'node:events';
import { join } from 'node:path';
import { redisCacheFolder } from '../redis/cache-folder.ts';
import { findRedis } from '../redis/find.ts';
import { spawnRedis } from '../redis/server.ts';
import type { Running } from '../running.ts';

/** The socket of the demo's Redis in its folder. */
export function redisSocket(folder: string): string {
  return join(folder, 'redis.sock');
}

/** Starts a redis-server that keeps its data in `folder` and answers only when a write is on disk. */
export async function startPrivateRedis(folder: string): Promise<Running> {
  const binary = await findRedis(redisCacheFolder());
  const child = await spawnRedis(binary, folder, { socket: redisSocket(folder), port: 0 }, [
    ['save', ''],
    ['appendonly', 'yes'],
    ['appendfsync', 'always'],
  ]);
  return {
    ports: {},
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}
