import type { FastifyInstance } from 'fastify';

/**
 * Routes of one API, registered in a context of their own: its parsers, hooks and error handler touch no other API.
 * A StoreUnavailable or Fault that a handler throws and the API does not answer itself becomes a JSON error there.
 */
export type Routes = (server: FastifyInstance) => void | Promise<void>;
