import type { Clock } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/log.ts';
import type { Credentials } from '../../config.ts';
import type { Routes } from '../../contract.ts';
import type { Store } from '../../store/store.ts';
import { requireCredentials } from './authentication.ts';
import { answerInternalErrors } from './errors.ts';
import { toJson } from './json.ts';

export interface StoreRoutesDeps {
  readonly store: Pick<Store, 'kind' | 'health' | 'acceptLoss'>;
  readonly credentials: Credentials | null;
  readonly clock: Clock;
  readonly log: Logger;
}

/** For operators: going on after the store lost data for good. Answers while nothing else can be decided. */
export function storeRoutes({ store, credentials, clock, log }: StoreRoutesDeps): Routes {
  return (server) => {
    answerInternalErrors(server, log);
    requireCredentials(server, credentials, clock);
    server.addHook('onRequest', async (_request, reply) => void reply.type('application/json'));

    server.get('/', async () => toJson({ kind: store.kind, ...(await store.health()) }));

    server.post('/accept_loss', async (_request, reply) => {
      if (store.acceptLoss === null) {
        reply.code(409);
        return toJson({
          status: 'error',
          error: `there is nothing to accept: the ${store.kind} store loses all or nothing`,
        });
      }
      const { ready, problem } = await store.health();
      if (ready) {
        reply.code(409);
        return toJson({ status: 'error', error: 'there is nothing to accept: the store is all there' });
      }
      await store.acceptLoss();
      log.warn({ code: 'store_loss_accepted', problem }, 'an operator accepted that the store lost data');
      return toJson({ status: 'accepted', ...(await store.health()) });
    });
  };
}
