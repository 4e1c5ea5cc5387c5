import type { FastifyInstance } from 'fastify';
import type { TSchema } from 'typebox';
import type { Clock } from '../../../shared/clock.ts';
import { Fault, backendErrors } from '../../../shared/errors.ts';
import type { AuthorizeRequest } from '../../../shared/wire/authorize.ts';
import type { BatchAnswer, BatchRequest } from '../../../shared/wire/batches.ts';
import { WireError } from '../../../shared/wire/common.ts';
import type { ServiceProof } from '../../../shared/wire/common.ts';
import { PRODUCT, PROTOCOL_VERSION } from '../../../shared/wire/discovery.ts';
import type { Discovery } from '../../../shared/wire/discovery.ts';
import type { HeartbeatRequest } from '../../../shared/wire/heartbeat.ts';
import type { LeasesRequest } from '../../../shared/wire/leases.ts';
import { ROUTES } from '../../../shared/wire/routes.ts';
import type { BatchOutcome, GatewayBatches } from '../../batches/contract.ts';
import type { Routes } from '../../contract.ts';
import type { GatewayConfiguration } from '../../leases/contract.ts';
import { LEASE_TIME } from '../../leases/leases.ts';
import type { LeaseService } from '../../leases/leases.ts';
import type { Store } from '../../store/store.ts';
import { exactly } from './validation.ts';

export interface GatewayRoutesDeps {
  readonly store: Pick<Store, 'identity' | 'health'>;
  readonly clock: Clock;
  readonly configuration: GatewayConfiguration;
  readonly leases: LeaseService;
  readonly batches: GatewayBatches;
}

/** The protocol between gateway and backend, version 1: `shared/wire/` describes it. */
export function gatewayRoutes(deps: GatewayRoutesDeps): Routes {
  const { store, clock, configuration, leases, batches } = deps;
  const services = async (proofs: readonly ServiceProof[]): Promise<ReadonlySet<string>> => {
    const valid = await configuration.authenticate(proofs);
    if (valid.size === 0) throw new Fault(backendErrors.unauthorized, 'no valid token for any of the services');
    return valid;
  };
  return (server: FastifyInstance) => {
    const { discovery, authorize, leases: leaseRoute, heartbeat, batches: batchRoute } = ROUTES;
    server.setValidatorCompiler(exactly);
    const described = { schema: describe('Is this a Tallygate backend?', discovery.answer) };
    server.get(discovery.path, described, async () => discover(store, clock));
    server.post<{ Body: AuthorizeRequest }>(
      authorize.path,
      options(authorize, 'Resolve credentials to applications'),
      async ({ body }) => leases.authorize(body, await services(body.services)),
    );
    server.post<{ Body: LeasesRequest }>(
      leaseRoute.path,
      options(leaseRoute, 'Ask for, renew, return and close leases'),
      async ({ body }) => leases.run(body, await services(body.services)),
    );
    server.post<{ Body: HeartbeatRequest }>(
      heartbeat.path,
      options(heartbeat, 'Say that a gateway lives; learn what changed'),
      async ({ body }) => leases.heartbeat(body, await services(body.services)),
    );
    server.post<{ Body: BatchRequest }>(
      batchRoute.path,
      options(batchRoute, 'Apply a batch of usage, once'),
      async ({ body }) => {
        const identity = store.identity();
        return batchAnswer(await batches.apply(body, await services(body.services)), identity, clock.now());
      },
    );
  };
}

interface PostRoute {
  readonly body: TSchema;
  readonly answer: TSchema;
  readonly bodyLimit: number;
}

function options({ body, answer, bodyLimit }: PostRoute, summary: string): { bodyLimit: number; schema: object } {
  return { bodyLimit, schema: { ...describe(summary, answer), body } };
}

function describe(summary: string, answer: TSchema): object {
  return { tags: ['gateway'], summary, response: { 200: answer, '4xx': WireError, '5xx': WireError } };
}

async function discover(store: GatewayRoutesDeps['store'], clock: Clock): Promise<Discovery> {
  const { limits } = await store.health();
  return {
    product: PRODUCT,
    versions: [PROTOCOL_VERSION],
    store: store.identity(),
    now: clock.now(),
    leaseTime: LEASE_TIME,
    limits,
  };
}

/** 422: this identity must be set aside by the gateway and never be sent again. */
function batchAnswer(outcome: BatchOutcome, store: string, now: number): BatchAnswer {
  switch (outcome.result) {
    case 'conflict':
      throw new Fault(backendErrors.batchConflict);
    case 'malformed':
      throw new Fault(backendErrors.batchMalformed, outcome.reason);
    case 'applied':
    case 'repeat':
      return { store, now, result: outcome.result, setAside: outcome.setAside.map((each) => ({ ...each })) };
  }
}
