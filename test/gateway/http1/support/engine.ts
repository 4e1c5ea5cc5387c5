import { serverDefaults, upstreamDefaults } from '../../../../gateway/http1/config.ts';
import type { ServerConfig, UpstreamConfig } from '../../../../gateway/http1/config.ts';
import type {
  EngineErrorCode,
  Exchange,
  LocalResponse,
  RequestEdits,
  RequestHandler,
  RequestRules,
  Upstream,
} from '../../../../gateway/http1/contract.ts';
import { createServer } from '../../../../gateway/http1/server.ts';
import type { HttpServer } from '../../../../gateway/http1/server.ts';
import { createUpstream } from '../../../../gateway/http1/upstream.ts';
import type { UpstreamPool } from '../../../../gateway/http1/upstream-pool.ts';
import type { Clock } from '../../../../shared/clock.ts';
import { systemClock } from '../../../../shared/clock.ts';
import { Latch } from '../../../harness/latch.ts';
import { track } from '../../../harness/resources.ts';

const STATUS: Readonly<Record<EngineErrorCode, number>> = {
  bad_request: 400,
  request_timeout: 408,
  payload_too_large: 413,
  uri_too_long: 414,
  expectation_failed: 417,
  header_too_large: 431,
  method_not_allowed: 405,
  not_implemented: 501,
  http_version_not_supported: 505,
  too_many_connections: 503,
  upstream_refused: 502,
  upstream_timeout: 504,
  upstream_invalid: 502,
  upstream_closed: 502,
  upstream_busy: 503,
  internal_error: 500,
};

export function answerOf(status: number, body: string): LocalResponse {
  return { status, head: `HTTP/1.1 ${status} Answer\r\nContent-Type: text/plain\r\n`, body };
}

export const noEdits: RequestEdits = { add: '', drop: new Set(), host: null, dropQuery: null };
export const plainRules: RequestRules = {
  encodedSlash: 'refuse',
  mergeSlashes: true,
  upgrades: new Set(['websocket']),
  maxBodyBytes: null,
  edits: noEdits,
};

/** A handler that forwards everything, and remembers what it was told. Each part can be replaced by a test. */
export class TestHandler implements RequestHandler<string> {
  readonly seen: Exchange<string>[] = [];
  readonly finishedOnes: Exchange<string>[] = [];
  readonly abandonedOnes: Exchange<string>[] = [];
  readonly asked = new Latch();
  readonly over = new Latch();
  readonly left = new Latch();
  commits = 0;
  committing = true;
  upstream: Upstream | null = null;
  edits: RequestEdits = noEdits;
  decide: (exchange: Exchange<string>) => void = (exchange) => this.pass(exchange);

  pass(exchange: Exchange<string>): void {
    if (this.upstream === null) exchange.respond(answerOf(200, `local ${exchange.path}`));
    else exchange.forward(this.upstream, this.edits);
  }

  request(exchange: Exchange<string>): void {
    this.seen.push(exchange);
    this.asked.open();
    this.decide(exchange);
  }

  finished(exchange: Exchange<string>): void {
    this.finishedOnes.push(exchange);
    this.over.open();
  }

  abandoned(exchange: Exchange<string>): void {
    this.abandonedOnes.push(exchange);
    this.left.open();
  }

  commit(): boolean {
    this.commits += 1;
    return this.committing;
  }

  uncommitted(): LocalResponse {
    return answerOf(503, 'journal');
  }

  errorResponse(code: EngineErrorCode): LocalResponse {
    return answerOf(STATUS[code], code);
  }
}

export interface TestEngine {
  readonly server: HttpServer<string>;
  readonly handler: TestHandler;
  /** The upstream pool; null when the test has no upstream. */
  readonly pool: UpstreamPool | null;
  readonly port: number;
  readonly faults: unknown[];
  /** `down NAME: REASON` and `up NAME`, in order. */
  readonly transitions: string[];
}

export interface EngineOptions {
  readonly server?: Partial<ServerConfig>;
  readonly upstream?: Partial<UpstreamConfig> & { readonly url: string };
  readonly clock?: Clock;
  readonly rules?: (host: string) => RequestRules | null;
}

/** An engine on a free port in front of `upstream.url`; it stops with the test. */
export async function startEngine(options: EngineOptions = {}): Promise<TestEngine> {
  const clock = options.clock ?? systemClock;
  const faults: unknown[] = [];
  const transitions: string[] = [];
  const events = {
    fault: (error: unknown) => void faults.push(error),
    upstreamDown: (name: string, reason: string) => void transitions.push(`down ${name}: ${reason}`),
    pipeliningStopped: (name: string, reason: string) => void transitions.push(`alone ${name}: ${reason}`),
    upstreamUp: (name: string) => void transitions.push(`up ${name}`),
  };
  const handler = new TestHandler();
  const pool =
    options.upstream === undefined
      ? null
      : createUpstream({ ...upstreamDefaults, ...options.upstream }, { clock, events });
  handler.upstream = pool;
  const rules = options.rules ?? (() => plainRules);
  const server = createServer<string>({ ...serverDefaults, ...options.server }, { clock, events, handler, rules });
  await server.listen({ host: '127.0.0.1', port: 0 });
  const stop = async (): Promise<void> => {
    await server.close();
    await pool?.close();
  };
  track({ stop, abandon: () => {} });
  return { server, handler, pool, port: server.port, faults, transitions };
}
