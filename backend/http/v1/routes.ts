import type { FastifyInstance } from 'fastify';
import type { TSchema } from 'typebox';
import type { AuthorizeRequest } from '../../../shared/wire/authorize.ts';
import type { BatchRequest } from '../../../shared/wire/batches.ts';
import { WireError } from '../../../shared/wire/common.ts';
import type { HeartbeatRequest } from '../../../shared/wire/heartbeat.ts';
import type { LeasesRequest } from '../../../shared/wire/leases.ts';
import { ROUTES } from '../../../shared/wire/routes.ts';
import type { Routes } from '../../contract.ts';
import { GatewayCalls } from './calls.ts';
import type { GatewayCallsDeps } from './calls.ts';
import { exactly } from './validation.ts';

/** The protocol between gateway and backend, version 1: `shared/wire/` describes it. */
export function gatewayRoutes(deps: GatewayCallsDeps): Routes {
  const calls = new GatewayCalls(deps);
  return (server: FastifyInstance) => {
    const { discovery, authorize, leases, heartbeat, batches } = ROUTES;
    server.setValidatorCompiler(exactly);
    const described = { schema: describe('Is this a Tallygate backend?', discovery.answer) };
    server.get(discovery.path, described, async () => calls.discover());
    server.post<{ Body: AuthorizeRequest }>(
      authorize.path,
      options(authorize, 'Resolve credentials to applications'),
      async ({ body }) => calls.authorize(body),
    );
    server.post<{ Body: LeasesRequest }>(
      leases.path,
      options(leases, 'Ask for, renew, return and close leases'),
      async ({ body }) => calls.leases(body),
    );
    server.post<{ Body: HeartbeatRequest }>(
      heartbeat.path,
      options(heartbeat, 'Say that a gateway lives; learn what changed'),
      async ({ body }) => calls.heartbeat(body),
    );
    server.post<{ Body: BatchRequest }>(
      batches.path,
      options(batches, 'Apply a batch of usage, once'),
      async ({ body }) => calls.batches(body),
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
