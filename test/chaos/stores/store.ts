import type { PrivateRedis } from '../../harness/redis.ts';
import type { Link } from '../link.ts';
import type { Random } from '../random.ts';

/** The Redis of a world, of one server or of several. */
export interface RedisStore {
  /** REDIS_URL of backend and worker. */
  readonly url: string;
  /** Between them and Redis, where there is one way only. */
  readonly link: Link | null;
  readonly servers: readonly PrivateRedis[];
  /** A server whose loss is felt: the one, the present master, or any node of a cluster. */
  victim(random: Random): Promise<PrivateRedis>;
  /** Every server runs, and those of a group agree. */
  heal(): Promise<void>;
  close(): Promise<void>;
}

/** What all stores are started with: nothing that was acknowledged is lost by a crash. */
export const DURABLE = { tcp: true, appendonly: true, appendfsync: 'always', debugCommand: true } as const;

/** Starts those that do not run. */
export async function startMissing(servers: readonly PrivateRedis[]): Promise<void> {
  for (const server of servers) if (!server.running) await server.start();
}
