import type { Routes } from '../../contract.ts';
import { STATUS } from '../threescale/version.ts';
import { alertLimitRoutes } from './alert-limits.ts';
import { applicationBatchRoutes } from './application-batch.ts';
import { applicationKeyRoutes } from './application-keys.ts';
import { applicationRoutes } from './applications.ts';
import { auditRoutes } from './audit.ts';
import { requireCredentials } from './authentication.ts';
import { declarationRoutes } from './declaration.ts';
import type { InternalDeps } from './deps.ts';
import { answerInternalErrors } from './errors.ts';
import { eventRoutes } from './events.ts';
import { integrationErrorRoutes } from './integration-errors.ts';
import { toJson } from './json.ts';
import { metricRoutes } from './metrics.ts';
import { requirePossibleIds } from './path-ids.ts';
import { parseJsonBodies } from './json-body.ts';
import { referrerFilterRoutes } from './referrer-filters.ts';
import { serviceTokenRoutes } from './service-tokens.ts';
import { providerRoutes, serviceRoutes } from './services.ts';
import { userKeyRoutes } from './user-keys.ts';
import { usageLimitRoutes } from './usage-limits.ts';
import { utilizationRoutes } from './utilization.ts';

/** The internal API (contract section 10). Register it under the prefix `/internal`. */
export function internalRoutes(deps: InternalDeps): Routes {
  return (server) => {
    answerInternalErrors(server, deps.log);
    requireCredentials(server, deps.credentials, deps.clock);
    requirePossibleIds(server);
    parseJsonBodies(server);
    server.addHook('onRequest', async (_request, reply) => void reply.type('application/json'));
    server.get('/check.json', () => toJson({ status: 'ok' }));
    server.get('/status', () => toJson(STATUS));
    serviceRoutes(server, deps);
    providerRoutes(server, deps);
    applicationRoutes(server, deps);
    userKeyRoutes(server, deps);
    applicationBatchRoutes(server, deps);
    applicationKeyRoutes(server, deps);
    referrerFilterRoutes(server, deps);
    utilizationRoutes(server, deps);
    metricRoutes(server, deps);
    usageLimitRoutes(server, deps);
    serviceTokenRoutes(server, deps);
    alertLimitRoutes(server, deps);
    integrationErrorRoutes(server, deps);
    eventRoutes(server, deps);
    auditRoutes(server, deps);
    declarationRoutes(server, deps);
    server.setNotFoundHandler((_request, reply) =>
      reply
        .code(404)
        .type('application/json')
        .send(toJson({ status: 'not_found', error: 'Not found' })),
    );
  };
}
