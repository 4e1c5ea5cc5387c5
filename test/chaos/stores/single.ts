import { startRedis } from '../../harness/redis.ts';
import { Link } from '../link.ts';
import type { Random } from '../random.ts';
import { DURABLE, startMissing } from './store.ts';
import type { RedisStore } from './store.ts';

/** One server, behind a link. */
export async function startSingle(random: Random): Promise<RedisStore> {
  const redis = await startRedis(DURABLE);
  const link = await new Link(redis.port, () => random.next()).listen();
  return {
    url: `redis://127.0.0.1:${link.port}`,
    link,
    servers: [redis],
    victim: () => Promise.resolve(redis),
    async heal() {
      link.heal();
      await startMissing([redis]);
    },
    async close() {
      await link.close();
      await redis.close();
    },
  };
}
