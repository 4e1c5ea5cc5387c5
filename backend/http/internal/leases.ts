import type { Clock } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/log.ts';
import type { Credentials } from '../../config.ts';
import type { Lookup } from '../../configuration/lookup.ts';
import type { Routes } from '../../contract.ts';
import { checkAccounts } from '../../leases/check.ts';
import { LEASE_TIME } from '../../leases/leases.ts';
import { LEASE_TIMES } from '../../leases/living.ts';
import type { Store } from '../../store/store.ts';
import { requireCredentials } from './authentication.ts';
import { answerInternalErrors } from './errors.ts';
import { toJson } from './json.ts';

/** Leases listed at once. */
const PAGE = 500;

export interface LeaseRoutesDeps {
  readonly store: Pick<Store, 'leases' | 'counters'>;
  readonly lookup: Lookup;
  readonly credentials: Credentials | null;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Paged {
  readonly cursor?: string;
}

/** For operators: what gateways hold, giving up what a dead one held, and whether the limits agree with the counts. */
export function leaseRoutes({ store, lookup, credentials, clock, log }: LeaseRoutesDeps): Routes {
  return (server) => {
    answerInternalErrors(server, log);
    requireCredentials(server, credentials, clock);
    server.addHook('onRequest', async (_request, reply) => void reply.type('application/json'));

    server.get<{ Querystring: Paged }>('/', async ({ query }) => {
      const { leases, cursor } = await store.leases.list(query.cursor ?? null, PAGE);
      const living = new Set(await store.leases.living(clock.now(), LEASE_TIMES * LEASE_TIME));
      return toJson({ leases: leases.map((lease) => ({ ...lease, living: living.has(lease.epoch) })), cursor });
    });

    server.delete<{ Params: { readonly epoch: string } }>('/:epoch', async ({ params }) => {
      const released = await store.leases.release(params.epoch);
      log.warn({ code: 'leases_released', epoch: params.epoch, released }, 'leases were released by an operator');
      return toJson({ released });
    });

    server.get<{ Querystring: Paged; Params: { readonly service: string } }>(
      '/check/:service',
      async ({ params, query }) => {
        const parts = { counters: store.counters, lookup };
        const { unequal, ...rest } = await checkAccounts(parts, params.service, clock.now(), query.cursor ?? null);
        return toJson({ ...rest, unequal: unequal.map((each) => ({ ...each })) });
      },
    );
  };
}
