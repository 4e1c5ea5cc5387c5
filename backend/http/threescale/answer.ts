import type { FastifyReply } from 'fastify';
import type { Decision } from '../../domain/decide.ts';
import { denials } from '../../domain/errors.ts';
import type { ContractError } from '../../domain/errors.ts';
import { limitHeaders } from '../../domain/limit-headers.ts';
import { withContractHeaders, withErrorHeaders } from './headers.ts';
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

/** Answers with a status document: 200, or 409 when the call is denied. */
export function sendDecision(
  reply: FastifyReply,
  decision: Decision,
  options: Options,
  windowText: WindowText,
): FastifyReply {
  const { denial } = decision;
  withContractHeaders(reply.code(denial === null ? 200 : 409));
  if (denial !== null && options.rejectionReasonHeader) void reply.header('3scale-rejection-reason', denial.code);
  if (options.limitHeaders && (denial === null || denial.code === denials.limitsExceeded.code)) {
    addLimitHeaders(reply, decision);
  }
  if (decision.call.noBody) return reply.send('');
  const { listAppKeys, hierarchy } = options;
  return reply.send(statusDocument(decision, { listAppKeys, hierarchy, windowText }));
}

function addLimitHeaders(reply: FastifyReply, decision: Decision): void {
  const { remaining, reset, max } = limitHeaders(decision);
  void reply.header('3scale-limit-remaining', remaining.toString());
  void reply.header('3scale-limit-reset', String(reset));
  if (max !== null) void reply.header('3scale-limit-max-value', max.toString());
}
