import { Configuration } from '../../backend/configuration/configuration.ts';
import type { Store } from '../../backend/store/store.ts';
import type { Clock } from '../../shared/clock.ts';
import { createLogger } from '../../shared/log.ts';

/** A configuration with a service `shop`: metric `hits` above the method `search`, and some applications with user keys. */
export async function openShop(store: Store, clock: Clock, applications: readonly string[]): Promise<Configuration> {
  const log = createLogger('test', 'silent');
  const configuration = new Configuration({ secret: null }, { store, clock, log, forget: async () => undefined });
  await configuration.prepare();
  await configuration.services.save('test', 'shop', { providerKey: 'pk' });
  await configuration.metrics.save('test', 'shop', { id: '1', name: 'hits', parentId: null });
  await configuration.metrics.save('test', 'shop', { id: '2', name: 'search', parentId: '1' });
  for (const application of applications) {
    const ref = { service: 'shop', application };
    await configuration.applications.save('test', ref, { state: 'active', planId: 'p1', planName: 'gold' });
    await configuration.userKeys.save('test', ref, `key-of-${application}`);
  }
  return configuration;
}
