import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import type { StoreConfig } from '../config.ts';
import { createEmbeddedStore } from '../store/embedded/store.ts';
import { createRedisStore } from '../store/redis/store.ts';
import type { Store } from '../store/store.ts';

const CLIENT_WAITS = 500;

export interface OpenStoreParts {
  readonly clock: Clock;
  readonly log: Logger;
  /** Longest time for one command of Redis, ms. Default 500: a client waits. */
  readonly commandMs?: number;
}

/** Opens the store that the settings name: Redis when there is a REDIS_URL, else the embedded one. */
export async function openStore(config: StoreConfig, parts: OpenStoreParts): Promise<Store> {
  if (config.kind === 'embedded') return createEmbeddedStore({ folder: config.folder }, parts);
  const { commandMs = CLIENT_WAITS } = parts;
  return createRedisStore({ url: config.url, waitReplicas: config.waitReplicas, commandMs }, parts);
}
