import { serverDefaults, upstreamDefaults } from '../../gateway/http1/config.ts';
import type { EngineErrorCode, Exchange, LocalResponse, RequestHandler } from '../../gateway/http1/contract.ts';
import { createServer } from '../../gateway/http1/server.ts';
import { createUpstream } from '../../gateway/http1/upstream.ts';
import { systemClock } from '../../shared/clock.ts';
import { engineErrors } from '../../shared/errors.ts';

export interface RunningGateway {
  readonly port: number;
  stop(): Promise<void>;
}

const KEYS = new Set(['k-valid-0001', 'k-other-0002']);
const edits = {
  add: 'X-Sidecar-Secret: s3cret\r\n',
  drop: new Set(['x-sidecar-secret']),
  host: null,
  dropQuery: null,
};
const rules = {
  encodedSlash: 'refuse' as const,
  mergeSlashes: true,
  upgrades: new Set(['websocket']),
  maxBodyBytes: null,
  edits,
};

/** Starts a gateway for the cases: one service, two keys, in front of an upstream on 127.0.0.1. `timeout`: ms. */
export async function startGateway(upstreamPort: number, timeout: number): Promise<RunningGateway> {
  const events = {
    fault: (error: unknown) => console.error(error),
    upstreamDown: () => {},
    upstreamUp: () => {},
  };
  const deps = { clock: systemClock, events };
  const url = `http://127.0.0.1:${upstreamPort}`;
  const upstream = createUpstream({ ...upstreamDefaults, url, timeoutMs: timeout }, deps);
  const times = { headTimeoutMs: timeout, bodyTimeoutMs: timeout, idleTimeoutMs: timeout };
  const handler = new CaseHandler((exchange) => exchange.forward(upstream, edits));
  const find = (host: string) => (host === 'api.test' ? rules : null);
  const server = createServer({ ...serverDefaults, ...times }, { ...deps, handler, rules: find });
  await server.listen({ host: '127.0.0.1', port: 0 });
  const stop = async (): Promise<void> => {
    await server.close();
    await upstream.close();
  };
  return { port: server.port, stop };
}

/** Decides as the cases want it: host, key in the query, `/v1/` metered, `/paid/` not in the first key's plan. */
class CaseHandler implements RequestHandler<null> {
  readonly #forward: (exchange: Exchange<null>) => void;

  constructor(forward: (exchange: Exchange<null>) => void) {
    this.#forward = forward;
  }

  request(exchange: Exchange<null>): void {
    const status = statusOf(exchange);
    if (status === 200) this.#forward(exchange);
    else exchange.respond(answer(status, 'refused'));
  }

  finished(): void {}

  abandoned(): void {}

  commit(): boolean {
    return true;
  }

  uncommitted(): LocalResponse {
    return answer(503, 'not recorded');
  }

  errorResponse(code: EngineErrorCode): LocalResponse {
    return answer(engineErrors[code].status, code);
  }
}

function statusOf({ host, path, query }: Exchange<null>): number {
  if (host !== 'api.test' || !/^\/(v1|paid)\//.test(path)) return 404;
  const keys = query
    .split('&')
    .filter((parameter) => parameter.startsWith('user_key='))
    .map((parameter) => decodeURIComponent(parameter.slice('user_key='.length)));
  const [key = '', ...others] = keys;
  if (key === '' || others.length > 0) return 401;
  if (!KEYS.has(key)) return 403;
  return path.startsWith('/paid/') && key !== 'k-other-0002' ? 403 : 200;
}

function answer(status: number, body: string): LocalResponse {
  return { status, head: `HTTP/1.1 ${status} Answer\r\nContent-Type: text/plain\r\n`, body };
}
