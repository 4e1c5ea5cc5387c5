import type { FastifyInstance } from 'fastify';
import { leadingInteger, queryParameter } from './attributes.ts';
import type { InternalDeps } from './deps.ts';
import { toJson } from './json.ts';

const DEFAULT_COUNT = 100;
const MAX_COUNT = 1000;

/** Ours: what was changed, when and by whom, newest first. */
export function auditRoutes(server: FastifyInstance, deps: InternalDeps): void {
  server.get('/audit', async (request) => {
    const offset = Math.max(0, leadingInteger(queryParameter(request, 'offset') ?? 0));
    const count = leadingInteger(queryParameter(request, 'count') ?? DEFAULT_COUNT);
    const changes = await deps.configuration.audit.list(offset, Math.min(MAX_COUNT, Math.max(1, count)));
    return toJson({ status: 'found', changes });
  });
}
