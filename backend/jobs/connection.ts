import { Redis } from 'ioredis';
import type { RedisOptions } from 'ioredis';
import type { RedisConfig } from '../config.ts';

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
  retryStrategy: (times: number) => Math.min(MAX_RETRY_DELAY, 50 * 2 ** Math.min(times, 6)),
} satisfies RedisOptions;

/** A connection for taking reports over: what cannot be sent at once fails at once, and no answer is waited for long. */
export function producerConnection(config: RedisConfig): Redis {
  return new Redis(config.url, {
    ...COMMON,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    commandTimeout: COMMAND_TIMEOUT,
  });
}

/** A connection for working through a queue: it waits for work, and for Redis to come back. */
export function consumerConnection(config: RedisConfig): Redis {
  return new Redis(config.url, { ...COMMON, maxRetriesPerRequest: null });
}
