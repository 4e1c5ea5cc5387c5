import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Fault, backendErrors, errorBody } from '../../shared/errors.ts';
import type { ErrorEntry } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import { redactUrl } from '../../shared/redact.ts';
import type { Metrics, Tally } from '../metrics/metrics.ts';
import { StoreUnavailable } from '../store/store.ts';

/** Seconds after which a client may try again when the backend or its store cannot answer. */
const RETRY_AFTER = 1;

/** An error as it is answered: the registry's entry and the sentence that the client reads. */
export interface ErrorAnswer {
  readonly entry: ErrorEntry;
  readonly message: string;
}

/** Makes every error of a route that its API does not answer itself a JSON answer; the one place that does. */
export function answerErrors(server: FastifyInstance, deps: { readonly log: Logger; readonly metrics: Metrics }): void {
  const internal = deps.metrics.tally(
    'tallygate_backend_internal_errors_total',
    'Requests answered 500, each logged once.',
  );
  server.setErrorHandler((error: FastifyError, request, reply) => {
    const { entry, message } = errorAnswer(error);
    if (entry === backendErrors.internal) logInternal(error, request, deps.log, internal);
    if (entry.status === 503) void reply.header('retry-after', String(RETRY_AFTER));
    return sendError(request, reply, entry, message);
  });
}

export function sendError(
  request: FastifyRequest,
  reply: FastifyReply,
  entry: ErrorEntry,
  message?: string,
): FastifyReply {
  return reply
    .code(entry.status)
    .header('x-request-id', request.id)
    .type('application/json; charset=utf-8')
    .send(errorBody(entry, message));
}

/** What an error means to the client. Whatever is not known to be the client's fault or an outage is `internal`. */
export function errorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof Fault) return { entry: error.entry, message: error.message };
  if (error instanceof StoreUnavailable) return plain(backendErrors.storeUnavailable);
  if (!isFastifyError(error)) return plain(backendErrors.internal);
  if (error.validation !== undefined) return { entry: backendErrors.invalidParameter, message: error.message };
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return plain(backendErrors.bodyTooLarge);
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return plain(backendErrors.unsupportedMediaType);
  if (error.code === 'FST_ERR_HANDLER_TIMEOUT') return plain(backendErrors.timedOut);
  const status = error.statusCode ?? 500;
  return plain(status >= 400 && status < 500 ? backendErrors.badRequest : backendErrors.internal);
}

/** Logs an unexpected error once, under the id that the client is told. */
export function logInternal(error: unknown, request: FastifyRequest, log: Logger, count: Tally): void {
  count.count += 1;
  log.error(
    {
      code: backendErrors.internal.code,
      requestId: request.id,
      method: request.method,
      url: redactUrl(request.url),
      err: error,
    },
    'request failed',
  );
}

function plain(entry: ErrorEntry): ErrorAnswer {
  return { entry, message: entry.publicMessage };
}

function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && ('statusCode' in error || 'validation' in error);
}
