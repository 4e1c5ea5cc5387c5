import type { LightMyRequestResponse } from 'fastify';
import { systemClock } from '../../../shared/clock.ts';
import { createMemoryStore } from '../../../backend/store/memory/store.ts';
import type { MemoryStore } from '../../../backend/store/memory/store.ts';
import { track } from '../../harness/resources.ts';
import { createThreescaleServer } from './threescale-server.ts';
import type { ThreescaleServer } from './threescale-server.ts';

/** The 3scale side over a memory store, with one service `shop` of provider key `pk`. */
export interface ShopApi extends ThreescaleServer {
  readonly store: MemoryStore;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<LightMyRequestResponse>;
  /** Reports a form body. */
  report(body: string, headers?: Readonly<Record<string, string>>): Promise<LightMyRequestResponse>;
  control(path: string): Promise<void>;
}

/** 2026-03-18 10:20:30 UTC, a Wednesday. */
export const NOON = '2026-03-18T10:20:30Z';

/**
 * Metrics `hits` > `search` > `deep`, and `bytes`; plan `gold` with 10 hits a day and 5 searches an hour; application
 * `app` with key `key` and user key `user`, `free` without plan and keys. The clock stands at NOON.
 */
export async function createShopApi(): Promise<ShopApi> {
  const store = createMemoryStore({ clock: systemClock });
  const api = await createThreescaleServer(store);
  track({ stop: async () => api.server.close(), abandon: () => {} });
  await fill(api);
  const shop: ShopApi = {
    ...api,
    store,
    get: (path, headers = {}) => api.server.inject({ method: 'GET', url: path, headers }),
    report: (body, headers = { 'content-type': 'application/x-www-form-urlencoded' }) =>
      api.server.inject({ method: 'POST', url: '/transactions.xml', payload: body, headers }),
    control: async (path) => void (await api.server.inject({ method: 'POST', url: `/__test${path}` })),
  };
  await shop.control(`/time?at=${NOON}`);
  return shop;
}

async function fill({ configuration }: ThreescaleServer): Promise<void> {
  const { services, metrics, usageLimits, applications, applicationKeys, userKeys } = configuration;
  await services.save('test', 'shop', { providerKey: 'pk' });
  await metrics.save('test', 'shop', { id: 'm1', name: 'hits', parentId: null });
  await metrics.save('test', 'shop', { id: 'm2', name: 'search', parentId: 'm1' });
  await metrics.save('test', 'shop', { id: 'm3', name: 'deep', parentId: 'm2' });
  await metrics.save('test', 'shop', { id: 'm4', name: 'bytes', parentId: null });
  await usageLimits.save('test', { service: 'shop', plan: 'gold', metric: 'm1', period: 'day' }, 10n);
  await usageLimits.save('test', { service: 'shop', plan: 'gold', metric: 'm2', period: 'hour' }, 5n);
  const app = { service: 'shop', application: 'app' };
  await applications.save('test', app, { state: 'active', planId: 'gold', planName: 'Gold <&> plan' });
  await applicationKeys.add('test', app, 'key');
  await userKeys.save('test', app, 'user');
  await applications.save('test', { service: 'shop', application: 'free' }, { state: 'active' });
}
