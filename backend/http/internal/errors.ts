import type { FastifyError, FastifyInstance } from 'fastify';
import { backendErrors } from '../../../shared/errors.ts';
import type { Logger } from '../../../shared/log.ts';
import { TooManyConflicts } from '../../configuration/writer.ts';
import { errorAnswer, logInternal } from '../errors.ts';
import type { Answer } from './json.ts';
import { toJson } from './json.ts';

/** An answer of the internal API that ends a handler: its status and body are the contract's (section 10). */
export class InternalError extends Error {
  readonly status: number;
  readonly body: Answer;

  constructor(status: number, body: Answer) {
    super(`internal API answers ${status}`);
    this.status = status;
    this.body = body;
  }
}

export function notFound(error: string): InternalError {
  return new InternalError(404, { status: 'not_found', error });
}

export function badRequest(error: string): InternalError {
  return new InternalError(400, { error });
}

/** Seconds after which a client may ask again when the store cannot answer. */
const RETRY_AFTER = '1';

/** Makes every failure a JSON answer: a body that cannot be read is 400, an outage 503. */
export function answerInternalErrors(server: FastifyInstance, log: Logger): void {
  const unexpected = { count: 0 };
  server.setErrorHandler((error: FastifyError, request, reply) => {
    void reply.type('application/json');
    if (error instanceof InternalError) return reply.code(error.status).send(toJson(error.body));
    if (error instanceof TooManyConflicts) {
      return reply.code(409).send(toJson({ status: 'conflict', error: error.message }));
    }
    const { entry, message } = errorAnswer(error);
    if (entry === backendErrors.internal) logInternal(error, request, log, unexpected);
    if (entry.status === 503) void reply.header('retry-after', RETRY_AFTER);
    return reply.code(entry.status).send(toJson({ status: 'error', code: entry.code, error: message }));
  });
}
