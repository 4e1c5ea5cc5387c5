import type { FastifyInstance } from 'fastify';
import { isPossibleId } from '../../configuration/identifiers.ts';
import { pathParameter } from './attributes.ts';
import { badRequest } from './errors.ts';

/** Path parameters that name something in the configuration. */
const IDS = ['service', 'application', 'metric', 'plan'] as const;

/** Refuses ids that nothing can have, before a handler would store something under them. */
export function requirePossibleIds(server: FastifyInstance): void {
  server.addHook('preHandler', async (request) => {
    for (const name of IDS) {
      const id = pathParameter(request, name);
      if (id !== '' && !isPossibleId(id)) throw badRequest(`the ${name} id is too long`);
    }
  });
}
