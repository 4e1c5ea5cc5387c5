import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Clock } from '../../../shared/clock.ts';
import type { Credentials } from '../../config.ts';
import { FailureLimit, basicCredentials, sameSecret } from '../credentials.ts';
import { InternalError } from './errors.ts';

/** Who changes something, in the audit trail, where nobody has to say who they are. */
const ANYONE = 'anyone';

/** Lets nobody in without the credentials of the internal API. */
export function requireCredentials(server: FastifyInstance, credentials: Credentials | null, clock: Clock): void {
  if (credentials === null) return;
  const failures = new FailureLimit(clock);
  server.addHook('onRequest', async (request, reply) => {
    failures.admit(request.ip);
    const given = basicCredentials(request);
    // Both are compared, so that the time does not tell which one was wrong.
    const user = sameSecret(given?.user ?? '', credentials.user);
    const password = sameSecret(given?.password ?? '', credentials.password);
    if (given !== null && user && password) return;
    if (given !== null) failures.failed(request.ip);
    void reply.header('www-authenticate', 'Basic realm="internal"');
    throw new InternalError(401, { status: 'unauthorized', error: 'valid credentials are required' });
  });
}

export function whoAsks(request: FastifyRequest): string {
  return basicCredentials(request)?.user ?? ANYONE;
}
