import type { FastifyReply } from 'fastify';
import type { Decision } from '../../domain/decide.ts';
import { denials } from '../../domain/errors.ts';
import type { ContractError } from '../../domain/errors.ts';
import { limitHeaders } from '../../domain/limit-headers.ts';
import { CONTRACT_HEADERS, withContractHeaders, withErrorHeaders } from './headers.ts';
import type { Options } from './options.ts';
import { errorDocument } from './xml/error.ts';
import { statusDocument } from './xml/status.ts';
import type { WindowText } from './xml/window-text.ts';

/** Answers with an error document; `noBody` leaves only its status. */
export function sendError(reply: FastifyReply, error: ContractError, noBody: boolean): FastifyReply {
  withErrorHeaders(reply.code(error.status));
  return reply.send(noBody ? '' : errorDocument(error.code, error.message));
}

export function sendEmpty(reply: FastifyReply, status: number): FastifyReply {
  return withContractHeaders(reply.code(status)).send('');
}

/**
 * Answers with a status document: 200, or 409 when the call is denied. Written past the framework: its handling of
 * each header costs as much as the whole decision.
 */
export function sendDecision(
  reply: FastifyReply,
  decision: Decision,
  options: Options,
  windowText: WindowText,
): FastifyReply {
  const { denial } = decision;
  const { listAppKeys, hierarchy } = options;
  const body = decision.call.noBody ? '' : statusDocument(decision, { listAppKeys, hierarchy, windowText });
  const length = Buffer.byteLength(body);
  const headers = [...CONTRACT_HEADERS, 'content-length', String(length)];
  if (denial !== null && options.rejectionReasonHeader) headers.push('3scale-rejection-reason', denial.code);
  if (options.limitHeaders && (denial === null || denial.code === denials.limitsExceeded.code)) {
    addLimitHeaders(headers, decision);
  }
  reply.hijack();
  reply.raw.writeHead(denial === null ? 200 : 409, headers);
  // Plain ASCII, as nearly all are, is written without a look at each character.
  if (reply.request.method === 'HEAD') reply.raw.end();
  else reply.raw.end(body, length === body.length ? 'latin1' : 'utf8');
  return reply;
}

function addLimitHeaders(headers: string[], decision: Decision): void {
  const { remaining, reset, max } = limitHeaders(decision);
  headers.push('3scale-limit-remaining', remaining.toString(), '3scale-limit-reset', String(reset));
  if (max !== null) headers.push('3scale-limit-max-value', max.toString());
}
