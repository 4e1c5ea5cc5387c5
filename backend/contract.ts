import type { FastifyInstance } from 'fastify';
import type { Clock } from '../shared/clock.ts';
import type { Logger } from '../shared/log.ts';
import type { BackendConfig } from './config.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { Store } from './store/store.ts';

/** What every part of the backend is built from; made once in backend.ts. */
export interface BackendDeps {
  readonly config: BackendConfig;
  /** The backends' one clock (protocol R3): the process's, corrected by the store's. */
  readonly clock: Clock;
  readonly store: Store;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/**
 * Routes of one API, registered in a context of their own: its parsers, hooks and error handler touch no other API.
 * A StoreUnavailable or Fault that a handler throws and the API does not answer itself becomes a JSON error there.
 */
export type Routes = (server: FastifyInstance) => void | Promise<void>;
