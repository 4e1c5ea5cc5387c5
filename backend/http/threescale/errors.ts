import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import { backendErrors } from '../../../shared/errors.ts';
import type { ErrorEntry } from '../../../shared/errors.ts';
import { contractErrors } from '../../domain/errors.ts';
import { errorAnswer, logInternal } from '../errors.ts';
import type { ThreescaleDeps } from './deps.ts';
import { sendError } from './answer.ts';
import { FormSyntaxError } from './form/form.ts';

/** Seconds after which a client may ask again when the backend or its store cannot answer. */
const RETRY_AFTER = '1';

/**
 * Makes every failure an error document: a request that cannot be understood is 400, an outage 503, never a refusal.
 * Status 500 is left to faults of ours.
 */
export function answerContractErrors(server: FastifyInstance, deps: ThreescaleDeps): void {
  const unexpected = { count: 0 };
  server.setErrorHandler((error: FastifyError, request, reply) => {
    if (error instanceof FormSyntaxError) return sendError(reply, contractErrors.badRequest(error.message), false);
    if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
      const type = request.headers['content-type'] ?? '';
      return sendError(reply, contractErrors.contentTypeInvalid(type), false);
    }
    const { entry, message } = errorAnswer(error);
    if (entry.status < 500) return sendError(reply, contractErrors.badRequest(), false);
    if (entry === backendErrors.internal) logInternal(error, request, deps.log, unexpected);
    return sendOutage(reply, entry, message);
  });
}

function sendOutage(reply: FastifyReply, entry: ErrorEntry, message: string): FastifyReply {
  if (entry.status === 503) void reply.header('retry-after', RETRY_AFTER);
  return sendError(reply, { kind: 'error', code: entry.code, status: entry.status, message }, false);
}
