import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import type { StoreConfig } from '../config.ts';
import type { Store } from '../store/store.ts';

/** Opens the store that the settings name: Redis when there is a REDIS_URL, else the embedded one. */
export async function openStore(
  config: StoreConfig,
  parts: { readonly clock: Clock; readonly log: Logger },
): Promise<Store> {
  parts.log.fatal({ kind: config.kind }, 'this store is not built in');
  throw new Error(`no ${config.kind} store`);
}
