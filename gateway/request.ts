import type { Authorizer, Decision } from './authorization/authorizer.ts';
import { Call } from './authorization/authorizer.ts';
import type { Service, ServiceTable } from './config/service.ts';
import { findCredentials } from './credentials.ts';
import { readsForm } from './form.ts';
import type { Exchange, RequestHandler } from './http1/contract.ts';
import type { Responses } from './respond.ts';

/** Largest form body of a service that looks into forms; a larger one is refused, or padding would walk around its rules. */
const FORM_BYTES = 64 * 1024;

export interface RequestDeps {
  /** The table in force; a reload swaps it between two requests, never within one. */
  readonly services: () => ServiceTable;
  readonly authorizer: Authorizer;
  readonly responses: Responses;
  /** The journal takes nothing now, and JOURNAL_FULL says to refuse. */
  readonly unrecordable: () => boolean;
  /** Counts and times a request that is over. */
  readonly observe: (exchange: Exchange<Call>) => void;
}

/**
 * The life of a request, in order: listen (the engine has read and checked the head) → route → credentials → mapping
 * rules → authorize → [the tick's journal write] → forward → meter. Each step may end it with an answer of its own;
 * docs/lifecycle.md lists them.
 */
export function createRequestHandler(deps: RequestDeps): RequestHandler<Call> {
  const { services, authorizer, responses, unrecordable, observe } = deps;

  function request(exchange: Exchange<Call>): void {
    const service = services().find(exchange.host);
    if (service === null) return exchange.respond(responses.unknownHost);
    if (!readsForm(service, exchange)) return admit(exchange, service, null);
    exchange.readBody(FORM_BYTES, (body) => {
      if (body === null) exchange.respond(responses.engine('payload_too_large'));
      else admit(exchange, service, body.toString('latin1'));
    });
  }

  function admit(exchange: Exchange<Call>, service: Service, form: string | null): void {
    const credentials = findCredentials(exchange, service.credentials, form);
    if (typeof credentials === 'string') return exchange.respond(responses.credentials(service, credentials));
    const usage = service.rules.match(exchange.method, exchange.path, exchange.query, form);
    if (usage === null) return exchange.respond(service.responses.noMatch);
    if (unrecordable()) return exchange.respond(responses.unrecorded);
    const call = new Call(service, credentials, usage, exchange.header('referer'));
    exchange.context = call;
    const decision = authorizer.authorize(call, (later) => proceed(exchange, call, later));
    if (decision !== null) proceed(exchange, call, decision);
  }

  return {
    request,
    abandoned(exchange) {
      if (exchange.context !== null) authorizer.abandon(exchange.context);
    },
    commit: () => authorizer.commit(),
    uncommitted(exchange) {
      if (exchange.context !== null) authorizer.takeBack(exchange.context);
      return responses.unrecorded;
    },
    finished(exchange) {
      if (exchange.context !== null)
        authorizer.finished(exchange.context, exchange.status, exchange.upstreamStatus === 0);
      observe(exchange);
    },
    errorResponse: (code) => responses.engine(code),
  };
}

function proceed(exchange: Exchange<Call>, { service, credentials }: Call, decision: Decision): void {
  if (!decision.allowed) return exchange.respond(service.responses.refusal(decision));
  exchange.responseHeaders = decision.headers;
  exchange.forward(service.upstream, credentials.place === 'basic' ? service.basicEdits : service.edits);
}
