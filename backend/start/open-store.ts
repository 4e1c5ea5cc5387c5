import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import type { RetentionConfig, StoreConfig } from '../config.ts';
import { RETENTION } from '../analytics/windows.ts';
import type { Store } from '../store/store.ts';

const CLIENT_WAITS = 500;

export interface OpenStoreParts {
  readonly clock: Clock;
  readonly log: Logger;
  /** Longest time for one command of Redis, ms. Default 500: a client waits. */
  readonly commandMs?: number;
  readonly retention?: RetentionConfig;
}

/** Opens the store that the settings name: Redis when there is a REDIS_URL, else the embedded one. */
export async function openStore(config: StoreConfig, parts: OpenStoreParts): Promise<Store> {
  const { commandMs = CLIENT_WAITS, retention: { minute, hour, day } = RETENTION } = parts;
  const retention = { minute, hour, day, week: day };
  // Only what is used is loaded: each of them takes longer to load than everything else together.
  if (config.kind === 'embedded') {
    const { createEmbeddedStore } = await import('../store/embedded/store.ts');
    return createEmbeddedStore({ folder: config.folder, retention }, parts);
  }
  const { createRedisStore } = await import('../store/redis/store.ts');
  return createRedisStore({ url: config.url, waitReplicas: config.waitReplicas, commandMs, retention }, parts);
}
