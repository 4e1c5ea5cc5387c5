import { Compile } from 'typebox/compile';
import { backendErrors } from '../../shared/errors.ts';
import type { AuthorizeAnswer, AuthorizeRequest } from '../../shared/wire/authorize.ts';
import type { BatchAnswer, BatchRequest } from '../../shared/wire/batches.ts';
import { WireError } from '../../shared/wire/common.ts';
import type { Discovery } from '../../shared/wire/discovery.ts';
import type { HeartbeatAnswer, HeartbeatRequest } from '../../shared/wire/heartbeat.ts';
import type { LeasesAnswer, LeasesRequest } from '../../shared/wire/leases.ts';
import { ROUTES } from '../../shared/wire/routes.ts';
import type { Answer } from './answer.ts';
import type { BackendConnection } from './connection.ts';

/** Largest answer that is read: 500 lease replies, or 65,536 entries set aside. */
const MAX_ANSWER = 8 * 1024 * 1024;
/** For a batch, which no client waits for, ms. */
const BATCH_TIMEOUT = 10_000;

const CHECKS = {
  discovery: Compile(ROUTES.discovery.answer),
  authorize: Compile(ROUTES.authorize.answer),
  leases: Compile(ROUTES.leases.answer),
  heartbeat: Compile(ROUTES.heartbeat.answer),
  batches: Compile(ROUTES.batches.answer),
  error: Compile(WireError),
};

/** What the backend said to a batch. */
export type BatchReply =
  | { readonly kind: 'answered'; readonly answer: BatchAnswer }
  /** 422: it must be set aside and never be sent again. */
  | { readonly kind: 'unprocessable'; readonly reason: string }
  /** Another 4xx: not as things stand. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unavailable'; readonly reason: string; readonly retryAfterMs: number };

/** What GET /v1 found at BACKEND_URL. */
export type Discovered =
  | { readonly kind: 'tallygate'; readonly discovery: Discovery }
  /** It answers, and speaks only the 3scale contract. */
  | { readonly kind: 'threescale' }
  | { readonly kind: 'unavailable' };

/**
 * Calls of the gateway protocol (`/v1`). Requests carry an identity, so repeating one does no harm. An answer that is
 * not exactly as its schema says is no answer. `refused` is called before `done(null)` when it was that no service's token
 * is accepted.
 */
export class ProtocolClient {
  readonly #connection: BackendConnection;
  readonly #timeoutMs: number;

  /** `timeoutMs`: BACKEND_TIMEOUT_MS. */
  constructor(connection: BackendConnection, timeoutMs: number) {
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
  }

  authorize(request: AuthorizeRequest, done: (answer: AuthorizeAnswer | null) => void, refused?: () => void): void {
    this.#callBack('authorize', ROUTES.authorize.path, request, CHECKS.authorize, done, refused);
  }

  leases(request: LeasesRequest, done: (answer: LeasesAnswer | null) => void, refused?: () => void): void {
    this.#callBack('leases', ROUTES.leases.path, request, CHECKS.leases, done, refused);
  }

  heartbeat(request: HeartbeatRequest, done: (answer: HeartbeatAnswer | null) => void, refused?: () => void): void {
    this.#callBack('heartbeat', ROUTES.heartbeat.path, request, CHECKS.heartbeat, done, refused);
  }

  async discover(): Promise<Discovered> {
    const answer = await this.#send('discovery', 'GET', ROUTES.discovery.path, null, this.#timeoutMs);
    const discovery = read(answer, CHECKS.discovery);
    if (discovery !== null) return { kind: 'tallygate', discovery };
    return answer.ok && answer.status < 499 ? { kind: 'threescale' } : { kind: 'unavailable' };
  }

  async batch(request: BatchRequest): Promise<BatchReply> {
    const answer = await this.#send('batches', 'POST', ROUTES.batches.path, request, BATCH_TIMEOUT);
    if (!answer.ok) return { kind: 'unavailable', reason: answer.failure, retryAfterMs: 0 };
    const batchAnswer = read(answer, CHECKS.batches);
    if (batchAnswer !== null) return { kind: 'answered', answer: batchAnswer };
    const reason = `status ${answer.status}: ${answer.body.toString('utf8', 0, 300)}`;
    if (answer.status === 422) return { kind: 'unprocessable', reason };
    if (answer.status >= 400 && answer.status < 499 && answer.status !== 408 && answer.status !== 429) {
      return { kind: 'refused', reason };
    }
    return { kind: 'unavailable', reason, retryAfterMs: retryAfter(answer.headers) };
  }

  /** Any call of the protocol. Never throws. */
  call(name: string, path: string, body: unknown): Promise<Answer> {
    return this.#send(name, 'POST', path, body, this.#timeoutMs);
  }

  #callBack<T>(
    name: string,
    path: string,
    body: unknown,
    check: Check<T>,
    done: (answer: T | null) => void,
    refused: () => void = () => undefined,
  ): void {
    void this.#told(this.call(name, path, body), check, done, refused);
  }

  async #told<T>(
    answered: Promise<Answer>,
    check: Check<T>,
    done: (answer: T | null) => void,
    refused: () => void,
  ): Promise<void> {
    const answer = await answered;
    const value = read(answer, check);
    try {
      if (isRefusal(answer)) refused();
      done(value);
    } catch (error) {
      this.#connection.fault(error);
    }
  }

  #send(name: string, method: 'GET' | 'POST', path: string, body: unknown, timeoutMs: number): Promise<Answer> {
    const headers: Record<string, string> = { accept: 'application/json', 'user-agent': 'tallygate' };
    if (body !== null) headers['content-type'] = 'application/json';
    const text = body === null ? null : JSON.stringify(body);
    return this.#connection.send(name, { method, path, headers, body: text, maxBytes: MAX_ANSWER, timeoutMs }, true);
  }
}

/** A compiled schema. */
interface Check<T> {
  Check(value: unknown): value is T;
}

function read<T>(answer: Answer, check: Check<T>): T | null {
  return answer.ok && answer.status >= 200 && answer.status <= 299 ? parsed(answer.body, check) : null;
}

/** Said by our backend itself: the 401 of a proxy in between has another body. */
function isRefusal(answer: Answer): boolean {
  if (!answer.ok || answer.status !== backendErrors.unauthorized.status) return false;
  return parsed(answer.body, CHECKS.error)?.error.code === backendErrors.unauthorized.code;
}

function parsed<T>(body: Buffer, check: Check<T>): T | null {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return check.Check(value) ? value : null;
  } catch {
    return null;
  }
}

/** Seconds in Retry-After, up to a minute, as ms; 0: none. */
export function retryAfter(headers: ReadonlyMap<string, string>): number {
  const value = headers.get('retry-after') ?? '';
  return /^\d{1,5}$/.test(value) ? Math.min(60, Number(value)) * 1000 : 0;
}
