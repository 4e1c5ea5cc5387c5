import type { FastifyReply, FastifyRequest } from 'fastify';
import { Fault, backendErrors } from '../../../shared/errors.ts';
import { bearerToken, sameSecret } from '../credentials.ts';
import type { FailureLimit } from '../credentials.ts';

/**
 * A hook that lets only requests with the admin token pass: `Authorization: Bearer`, or `access_token=` as 3scale's
 * clients send it. Without a token everyone may ask, and there is no hook: the settings allow that on a loopback host
 * only.
 */
export function adminTokenHook(
  token: string,
  limit: FailureLimit,
): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  return async (request, reply) => {
    const given = bearerToken(request) ?? queryToken(request);
    if (given !== null) {
      limit.admit(request.ip);
      if (sameSecret(given, token)) return;
      limit.failed(request.ip);
    }
    void reply.header('www-authenticate', 'Bearer realm="tallygate"');
    throw new Fault(backendErrors.unauthorized, 'the admin token is required: Authorization: Bearer, or access_token=');
  };
}

function queryToken(request: FastifyRequest): string | null {
  const { query } = request;
  if (typeof query !== 'object' || query === null || !('access_token' in query)) return null;
  return typeof query.access_token === 'string' ? query.access_token : null;
}
