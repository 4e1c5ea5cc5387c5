import { Cluster, Redis } from 'ioredis';
import type { RedisOptions } from 'ioredis';
import type { RedisConfig } from '../config.ts';
import { parseRedisUrl } from '../store/redis/url.ts';

export type RedisClient = Redis | Cluster;

/** Longest wait for a connection and, where it matters, for a command, ms. */
const CONNECT_TIMEOUT = 2_000;
const COMMAND_TIMEOUT = 1_000;
/** Longest pause between two tries to connect, ms. */
const MAX_RETRY_DELAY = 1_000;
/** Idle time after which a connection is probed by TCP, ms. */
const KEEP_ALIVE = 5_000;

const COMMON = {
  connectTimeout: CONNECT_TIMEOUT,
  keepAlive: KEEP_ALIVE,
  retryStrategy: retryDelay,
} satisfies RedisOptions;

/** A connection for taking jobs over: what cannot be sent at once fails at once, and no answer is waited for long. */
export function producerConnection(config: RedisConfig): RedisClient {
  return connect(config, {
    ...COMMON,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    commandTimeout: COMMAND_TIMEOUT,
  });
}

/** A connection for working through a queue: it waits for work, and for Redis to come back. */
export function consumerConnection(config: RedisConfig): RedisClient {
  return connect(config, { ...COMMON, maxRetriesPerRequest: null });
}

/**
 * The server that the connection wrote a key of `slot` to, on the very connection that it used: WAIT counts the
 * replicas of what was written on its own. Null when a cluster does not know it right now.
 */
export function writerOf(client: RedisClient, slot: number): Redis | null {
  if (client instanceof Redis) return client;
  const address = client.slots[slot]?.[0];
  return client.nodes('master').find((node) => `${node.options.host}:${node.options.port}` === address) ?? null;
}

function connect(config: RedisConfig, options: typeof COMMON & Omit<RedisOptions, 'replyMapping'>): RedisClient {
  const target = parseRedisUrl(config.url);
  if (target.kind !== 'cluster') return new Redis({ ...target.server, ...options });
  const { enableOfflineQueue = true } = options;
  return new Cluster([...target.seeds], {
    redisOptions: { ...target.server, ...options },
    clusterRetryStrategy: retryDelay,
    enableOfflineQueue,
  });
}

function retryDelay(times: number): number {
  return Math.min(MAX_RETRY_DELAY, 50 * 2 ** Math.min(times, 6));
}
