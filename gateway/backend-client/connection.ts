import { Pool, type Dispatcher } from 'undici';
import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import type { Answer, OutgoingRequest } from './answer.ts';
import { Breaker } from './breaker.ts';
import { ExchangeHandler } from './exchange.ts';
import { random } from './random.ts';

/** Connections to the backend. */
const CONNECTIONS = 64;
/** Exchanges under way or waiting for a connection; more are refused. */
const MAX_EXCHANGES = 1_024;
/** An idle connection is closed before the backend's own idle time-out makes it a dying one, ms. */
const IDLE = 3_000;

export interface BackendConnectionDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** Told of each exchange's name and result, for the metrics. */
  readonly observe: (call: string, result: string) => void;
  readonly random?: () => number;
  /** Makes what carries requests to `origin`. Default: a pool of sockets. */
  readonly dispatcher?: (origin: string) => Carrier;
}

/** What the connection needs of undici's dispatchers. */
export type Carrier = Pick<Dispatcher, 'dispatch'> & { destroy(): Promise<void> };

/** Exchanges with the backend: a pool of connections, one time-out for the whole, and a circuit breaker. */
export class BackendConnection {
  readonly #pool: Carrier;
  readonly #base: string;
  readonly #breaker: Breaker;
  readonly #deps: BackendConnectionDeps;
  #exchanges = 0;

  /** `url` may have a path, under which all calls go. */
  constructor(url: URL, connectTimeoutMs: number, deps: BackendConnectionDeps) {
    this.#pool = deps.dispatcher?.(url.origin) ?? socketPool(url.origin, connectTimeoutMs);
    this.#base = url.pathname.replace(/\/+$/, '');
    this.#breaker = new Breaker(deps.random ?? random);
    this.#deps = deps;
  }

  /** The breaker is open: calls fail without being tried. */
  get open(): boolean {
    return this.#breaker.isOpen(this.#deps.clock.monotonic());
  }

  /** Whole seconds after which trying again makes sense, at least 1. */
  get retryAfter(): number {
    return Math.max(1, Math.ceil(this.#breaker.pause(this.#deps.clock.monotonic()) / 1000));
  }

  /**
   * One exchange. Never throws. Repeated at most once, and only when nothing was written, unless `idempotent`, when a
   * connection that the backend closed under the request is reason enough.
   */
  async send(call: string, request: OutgoingRequest, idempotent: boolean): Promise<Answer> {
    const started = this.#deps.clock.monotonic();
    if (this.#exchanges >= MAX_EXCHANGES) return this.#observed(call, { ok: false, failure: 'busy', written: false });
    if (!this.#breaker.admits(started)) return this.#observed(call, { ok: false, failure: 'open', written: false });
    let answer = await this.#exchange(request);
    const left = request.timeoutMs - (this.#deps.clock.monotonic() - started);
    if (!answer.ok && answer.failure === 'closed' && (idempotent || !answer.written) && left > 0) {
      answer = await this.#exchange({ ...request, timeoutMs: left });
    }
    this.#judge(answer);
    return this.#observed(call, answer);
  }

  /** Whoever asked could not take the answer: that ends nothing else. */
  fault(error: unknown): void {
    this.#deps.log.error({ code: 'internal_error', error }, 'an answer of the backend could not be taken');
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  #exchange(request: OutgoingRequest): Promise<Answer> {
    this.#exchanges += 1;
    return new Promise((resolve) => {
      const handler = new ExchangeHandler(request.maxBytes, (answer) => {
        this.#exchanges -= 1;
        resolve(answer);
      });
      handler.bound(this.#deps.clock.after(request.timeoutMs, () => handler.expire()));
      try {
        const { method, headers, body } = request;
        this.#pool.dispatch({ method, path: this.#base + request.path, headers, body, idempotent: false }, handler);
      } catch {
        // undici throws for what it refuses to send: nothing was written.
        handler.onResponseError(null, new Error('refused by the client library'));
      }
    });
  }

  #judge(answer: Answer): void {
    if (answer.ok && answer.status < 499) {
      if (this.#breaker.succeeded()) this.#deps.log.info({ code: 'backend_back' }, 'the backend answers again');
    } else if (this.#breaker.failed(this.#deps.clock.monotonic())) {
      const reason = answer.ok ? `status ${answer.status}` : answer.failure;
      this.#deps.log.warn({ code: 'backend_unavailable', reason }, 'the backend does not answer: calls are held back');
    }
  }

  #observed(call: string, answer: Answer): Answer {
    this.#deps.observe(call, answer.ok ? `${Math.floor(answer.status / 100)}xx` : answer.failure);
    return answer;
  }
}

function socketPool(origin: string, connectTimeoutMs: number): Pool {
  return new Pool(origin, {
    connections: CONNECTIONS,
    pipelining: 1,
    keepAliveTimeout: IDLE,
    connect: { timeout: connectTimeoutMs },
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}
