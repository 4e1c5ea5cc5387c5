import underPressure from '@fastify/under-pressure';
import { fastify } from 'fastify';
import type { FastifyInstance } from 'fastify';
import { Fault, backendErrors, errorBody } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { observeRequests } from '../metrics/requests.ts';
import { answerErrors } from './errors.ts';
import { requestIds } from './request-id.ts';

/** Largest body of a path that does not say otherwise, bytes. */
const BODY_LIMIT = 1024 * 1024;
/** Longest request line and header together, bytes; more is 431. */
const HEAD_LIMIT = 32 * 1024;
/** Connections at once; a further one is closed at once. */
const MAX_CONNECTIONS = 20_000;
/** Longest wait for a whole head and for a whole request, ms. */
const HEAD_TIMEOUT = 10_000;
const REQUEST_TIMEOUT = 30_000;
/** How often those two are looked at, ms. */
const TIMEOUT_CHECK_INTERVAL = 5_000;
const KEEP_ALIVE_TIMEOUT = 75_000;
/** Longest parameter in a path, bytes: an application key, a referrer filter in base64. */
const PARAMETER_LIMIT = 4096;
/** Mean delay of the event loop over a second above which requests are turned away, ms. */
const MAX_EVENT_LOOP_DELAY = 1_000;

export interface ServerDeps {
  readonly log: Logger;
  readonly metrics: Metrics;
}

/**
 * The HTTP server of a backend or worker process: limits, request ids, error answers, shedding under overload. It has
 * no routes of its own; each API registers its routes in a context of its own.
 */
export async function createServer(deps: ServerDeps): Promise<FastifyInstance> {
  const server = fastify({
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
    forceCloseConnections: 'idle',
    http: {
      maxHeaderSize: HEAD_LIMIT,
      headersTimeout: HEAD_TIMEOUT,
      connectionsCheckingInterval: TIMEOUT_CHECK_INTERVAL,
    },
    routerOptions: { maxParamLength: PARAMETER_LIMIT },
    logger: false,
    genReqId: requestIds(),
    frameworkErrors(_error, request, reply) {
      reply.hijack();
      reply.raw.writeHead(400, { 'content-type': 'application/json; charset=utf-8', 'x-request-id': request.id });
      reply.raw.end(JSON.stringify(errorBody(backendErrors.badRequest)));
    },
  });
  server.server.maxConnections = MAX_CONNECTIONS;
  observeRequests(server, deps.metrics);
  answerErrors(server, deps);
  await server.register(underPressure, {
    maxEventLoopDelay: MAX_EVENT_LOOP_DELAY,
    pressureHandler(request) {
      // A probe must tell overload from death, and an operator must see the metrics of it.
      if (request.url.startsWith('/health/') || request.url === '/metrics') return;
      throw new Fault(backendErrors.overloaded);
    },
  });
  return server;
}
