import { serverDefaults, upstreamDefaults } from '../../gateway/http1/config.ts';
import type { RequestEdits } from '../../gateway/http1/contract.ts';
import { createServer } from '../../gateway/http1/server.ts';
import { createUpstream } from '../../gateway/http1/upstream.ts';
import { compileRules } from '../../gateway/rules/compile.ts';
import { systemClock } from '../../shared/clock.ts';
import { patterns } from './setup.ts';

/**
 * The engine of the gateway without authorization, limit and metering, as what those are measured against.
 * Arguments: port, upstream port, number of mapping rules of which one must match (0: everything passes).
 */
const [port = 0, upstreamPort = 0, rules = 0] = process.argv.slice(2).map(Number);
const report = (...words: readonly unknown[]): void => console.error(...words);
const events = { fault: report, upstreamDown: report, upstreamUp: report, pipeliningStopped: report };
const deps = { clock: systemClock, events };
const upstream = createUpstream({ ...upstreamDefaults, url: `http://127.0.0.1:${upstreamPort}` }, deps);
const edits: RequestEdits = { add: '', drop: new Set(), host: null, dropQuery: null };
const requestRules = {
  encodedSlash: 'refuse',
  mergeSlashes: true,
  upgrades: new Set<string>(),
  maxBodyBytes: null,
  edits,
} as const;
const answer = (status: string): { status: number; head: string; body: string } => ({
  status: Number.parseInt(status),
  head: `HTTP/1.1 ${status}\r\nContent-Type: text/plain\r\n`,
  body: status,
});
const failed = answer('502 Bad Gateway');
const noRoute = answer('404 Not Found');
const routes = compileRules(
  patterns(rules).map((pattern) => ({
    method: 'GET',
    pattern,
    regex: false,
    query: {},
    count: 'always' as const,
    metric: 'hits',
    delta: 1,
    last: false,
  })),
  { mergeSlashes: true },
);

const server = createServer(
  { ...serverDefaults, maxRequestsPerConnection: 1_000_000_000 },
  {
    ...deps,
    rules: () => requestRules,
    handler: {
      request(exchange) {
        if (rules > 0 && routes.match(exchange.method, exchange.path, exchange.query, null) === null) {
          exchange.respond(noRoute);
        } else {
          exchange.forward(upstream, edits);
        }
      },
      finished: () => undefined,
      abandoned: () => undefined,
      commit: () => true,
      uncommitted: () => failed,
      errorResponse: () => failed,
    },
  },
);
await server.listen({ port, host: '127.0.0.1' });
console.log('ready');
