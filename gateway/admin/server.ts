import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from '../../shared/log.ts';
import { LIVE } from './health.ts';
import type { HealthAnswer } from './health.ts';

const TIMEOUT_MS = 10_000;
const MAX_CONNECTIONS = 256;
const JSON_TYPE = 'application/json; charset=utf-8';

export interface AdminDeps {
  readonly log: Logger;
  readonly readiness: () => HealthAnswer | Promise<HealthAnswer>;
  readonly scrape: () => Promise<{ readonly contentType: string; readonly body: string }>;
  /** The configuration in force, without secrets. */
  readonly configuration: () => unknown;
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** The port for operators: health, metrics, configuration. It only reads. `node:http` serves it, not the engine. */
export class AdminServer {
  private readonly server: Server;
  private readonly deps: AdminDeps;

  constructor(deps: AdminDeps) {
    this.deps = deps;
    this.server = createServer({ requestTimeout: TIMEOUT_MS, headersTimeout: TIMEOUT_MS }, (request, response) => {
      void this.handle(request, response);
    });
    this.server.maxConnections = MAX_CONNECTIONS;
  }

  /** Resolves to the port that it listens on. Rejects when it cannot listen. */
  async listen(host: string, port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => {
        this.server.off('error', reject);
        resolve();
      });
    });
    this.server.on('error', (error) => this.deps.log.error({ code: 'admin_failed', error }, 'admin port failed'));
    return addressOf(this.server).port;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      send(response, request.method === 'HEAD', await this.answer(request));
    } catch (error) {
      this.deps.log.error({ code: 'admin_request_failed', error, url: request.url }, 'admin request failed');
      send(response, false, text(500, 'Internal error'));
    }
  }

  private async answer({ method, url = '' }: IncomingMessage): Promise<Answer> {
    if (method !== 'GET' && method !== 'HEAD') return text(405, 'Method not allowed');
    switch (url.replace(/\?.*$/s, '')) {
      case '/health/live':
      case '/status/live':
        return health(LIVE);
      case '/health/ready':
      case '/status/ready':
        return health(await this.deps.readiness());
      case '/metrics':
        return { status: 200, ...(await this.deps.scrape()) };
      case '/config':
        return { status: 200, contentType: JSON_TYPE, body: JSON.stringify(this.deps.configuration(), null, 2) };
      default:
        return text(404, 'Not found: there are /health/live, /health/ready, /metrics and /config');
    }
  }
}

function send(response: ServerResponse, withoutBody: boolean, { status, contentType, body }: Answer): void {
  response.writeHead(status, {
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...(status === 405 ? { Allow: 'GET, HEAD' } : {}),
  });
  response.end(withoutBody ? undefined : body);
}

function health({ httpStatus, body }: HealthAnswer): Answer {
  return { status: httpStatus, contentType: JSON_TYPE, body: JSON.stringify(body) };
}

function text(status: number, body: string): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', body };
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the admin server does not listen on a port');
  return address;
}
