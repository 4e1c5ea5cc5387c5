import type { Credentials } from '../authorization/authorizer.ts';
import type { Service } from '../config/service.ts';
import type { Answer } from './answer.ts';
import type { BackendConnection } from './connection.ts';
import { Form } from './form.ts';
import { readVerdict, type Verdict } from './verdict.ts';

/** Largest answer that is read: usage reports of some 500 limits. */
const MAX_ANSWER = 256 * 1024;
/** For a report, which no client waits for: a backend that is only slow must not make it uncertain, ms. */
const REPORT_TIMEOUT = 10_000;

/** Who speaks for a service, as the contract names it. */
export type ServiceToken = Pick<Service, 'id' | 'tokenKind' | 'token'>;

/** A question about a caller. */
export interface Question {
  readonly service: ServiceToken;
  readonly credentials: Credentials;
  readonly usage: readonly { readonly metric: string; readonly amount: number }[];
  readonly referrer: string | null;
}

/** The calls of the 3scale Service Management API that a gateway makes, in APIcast's form (query groups: service, usage, credentials, extra). */
export class ThreescaleClient {
  readonly #connection: BackendConnection;
  readonly #timeoutMs: number;

  /** `timeoutMs`: BACKEND_TIMEOUT_MS. */
  constructor(connection: BackendConnection, timeoutMs: number) {
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
  }

  /** Checks, counts nothing. The whole body is asked for: usage reports and hierarchy make local counting possible. */
  async authorize(question: Question): Promise<Verdict> {
    const options = 'rejection_reason_header=1&limit_headers=1&hierarchy=1';
    const path = `/transactions/${endpoint(question, 'authorize')}?${questionQuery(question, null).toString()}`;
    return readVerdict(await this.#get('authorize', path, options, true), true);
  }

  /**
   * Checks and counts. `code`: what the client was answered, null when that is not known yet. Asked for with its body:
   * without one a refused service token looks like a refused caller.
   */
  async authrep(question: Question, code: number | null): Promise<Verdict> {
    const options = 'rejection_reason_header=1&limit_headers=1';
    const path = `/transactions/${endpoint(question, 'authrep')}?${questionQuery(question, code).toString()}`;
    return readVerdict(await this.#get('authrep', path, options, false), true);
  }

  /** Reports usage; `body` is the form of the transactions. */
  report(service: ServiceToken, body: string): Promise<Answer> {
    const request = {
      method: 'POST',
      path: `/transactions.xml?${serviceQuery(service).toString()}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': 'tallygate' },
      body,
      maxBytes: MAX_ANSWER,
      timeoutMs: REPORT_TIMEOUT,
    } as const;
    return this.#connection.send('report', request, false);
  }

  #get(call: string, path: string, options: string, idempotent: boolean): Promise<Answer> {
    const request = {
      method: 'GET',
      path,
      headers: { '3scale-options': options, 'user-agent': 'tallygate' },
      body: null,
      maxBytes: MAX_ANSWER,
      timeoutMs: this.#timeoutMs,
    } as const;
    return this.#connection.send(call, request, idempotent);
  }
}

function endpoint(question: Question, call: 'authorize' | 'authrep'): string {
  return question.credentials.kind === 'token' ? `oauth_${call}.xml` : `${call}.xml`;
}

function serviceQuery(service: ServiceToken): Form {
  return new Form().add('service_id', service.id).add(service.tokenKind, service.token);
}

function questionQuery(question: Question, code: number | null): Form {
  const query = serviceQuery(question.service);
  for (const { metric, amount } of question.usage) query.add(`usage[${metric}]`, String(amount));
  const { credentials } = question;
  if (credentials.kind === 'user_key') query.add('user_key', credentials.userKey);
  else if (credentials.kind === 'token') query.add('access_token', credentials.token);
  else {
    query.add('app_id', credentials.appId);
    if (credentials.appKey !== null) query.add('app_key', credentials.appKey);
  }
  if (question.referrer !== null) query.add('referrer', question.referrer);
  if (code !== null) query.add('log[code]', String(code));
  return query;
}
