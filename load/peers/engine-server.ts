import { serverDefaults, upstreamDefaults } from '../../gateway/http1/config.ts';
import type { RequestEdits } from '../../gateway/http1/contract.ts';
import { createServer } from '../../gateway/http1/server.ts';
import { createUpstream } from '../../gateway/http1/upstream.ts';
import { systemClock } from '../../shared/clock.ts';

/**
 * The engine of the gateway without authorization, limit and metering, as what those are measured against.
 * Arguments: port, upstream port.
 */
const [port = 0, upstreamPort = 0] = process.argv.slice(2).map(Number);
const report = (...words: readonly unknown[]): void => console.error(...words);
const deps = { clock: systemClock, events: { fault: report, upstreamDown: report, upstreamUp: report } };
const upstream = createUpstream({ ...upstreamDefaults, url: `http://127.0.0.1:${upstreamPort}` }, deps);
const edits: RequestEdits = { add: '', drop: new Set(), host: null, dropQuery: null };
const rules = {
  encodedSlash: 'refuse',
  mergeSlashes: true,
  upgrades: new Set<string>(),
  maxBodyBytes: null,
  edits,
} as const;
const failed = { status: 502, head: 'HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain\r\n', body: 'failed' };

const server = createServer(
  { ...serverDefaults, maxRequestsPerConnection: 1_000_000_000 },
  {
    ...deps,
    rules: () => rules,
    handler: {
      request: (exchange) => exchange.forward(upstream, edits),
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
