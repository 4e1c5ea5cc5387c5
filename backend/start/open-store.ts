import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import type { StoreConfig } from '../config.ts';
import { createEmbeddedStore } from '../store/embedded/store.ts';
import { createRedisStore } from '../store/redis/store.ts';
import type { Store } from '../store/store.ts';

/** Opens the store that the settings name: Redis when there is a REDIS_URL, else the embedded one. */
export async function openStore(
  config: StoreConfig,
  parts: { readonly clock: Clock; readonly log: Logger },
): Promise<Store> {
  if (config.kind === 'embedded') return createEmbeddedStore({ folder: config.folder }, parts);
  return createRedisStore({ url: config.url, waitReplicas: config.waitReplicas }, parts);
}
