import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { systemClock } from '../../shared/clock.ts';
import { echo } from './behaviour.ts';
import type { Behaviour } from './behaviour.ts';
import { track } from './resources.ts';

const MINUTE = 60_000;

/** One request as the app behind the gateway saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly rawHeaders: readonly string[];
  readonly at: number;
}

/** Starts an app that answers with `behaviour` (default: echo) on a free port of 127.0.0.1, or on a unix socket. */
export async function startUpstream(behaviour: Behaviour = echo, path: string | null = null): Promise<TestUpstream> {
  const upstream = new TestUpstream(behaviour);
  await upstream.listen(path);
  return upstream;
}

/** A real HTTP server whose behaviour a test scripts, by path or for all, and which keeps a ledger of what it served. */
export class TestUpstream {
  readonly seen: SeenRequest[] = [];
  /** Connections made so far. */
  connections = 0;
  behaviour: Behaviour;
  readonly #paths = new Map<string, Behaviour>();
  /** Application (its credential) → minute (ms since the epoch) → requests answered in full. */
  readonly #served = new Map<string, Map<number, number>>();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #untrack: () => void;

  constructor(behaviour: Behaviour) {
    this.behaviour = behaviour;
    this.#server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => this.#handle(request, response));
    this.#server.on('connection', (socket: Socket) => {
      this.connections += 1;
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#untrack = track({ stop: () => this.close(), abandon: () => {} });
  }

  /** Port on 127.0.0.1; throws when it listens on a unix socket. */
  get port(): number {
    const address: string | AddressInfo | null = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('this upstream has no port');
    return address.port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Open connections. */
  get open(): number {
    return this.#sockets.size;
  }

  listen(path: string | null): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      if (path === null) this.#server.listen(0, '127.0.0.1', resolve);
      else this.#server.listen(path, resolve);
    });
  }

  /** The behaviour for one path (without the query). */
  on(path: string, behaviour: Behaviour): this {
    this.#paths.set(path, behaviour);
    return this;
  }

  /** Requests answered in full, by application and minute, in the form of entries for comparison. */
  ledger(): { application: string; minute: number; count: number }[] {
    return [...this.#served].flatMap(([application, minutes]) =>
      [...minutes].map(([minute, count]) => ({ application, minute, count })),
    );
  }

  /** Requests answered in full for one application, or for all. */
  served(application: string | null = null): number {
    const entries = this.ledger().filter((entry) => application === null || entry.application === application);
    return entries.reduce((sum, entry) => sum + entry.count, 0);
  }

  /** Breaks all connections with a reset; the server goes on listening. */
  resetConnections(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    this.#untrack();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const at = systemClock.now();
    const { method = '', url = '', headers, rawHeaders } = request;
    this.seen.push({ method, url, headers, rawHeaders, at });
    response.once('finish', () => this.#count(applicationOf(url, headers), at - (at % MINUTE)));
    response.on('error', () => {});
    const behaviour = this.#paths.get(url.split('?', 1)[0] ?? '') ?? this.behaviour;
    void behaviour(request, response);
  }

  #count(application: string, minute: number): void {
    let minutes = this.#served.get(application);
    if (minutes === undefined) this.#served.set(application, (minutes = new Map<number, number>()));
    minutes.set(minute, (minutes.get(minute) ?? 0) + 1);
  }
}

/** The credential of the request, `-` when it has none. */
function applicationOf(url: string, headers: IncomingMessage['headers']): string {
  const query = new URLSearchParams(url.split('?')[1] ?? '');
  const header = headers['user-key'] ?? headers['user_key'] ?? headers['app-id'] ?? headers['app_id'];
  return query.get('user_key') ?? query.get('app_id') ?? (typeof header === 'string' ? header : '-');
}
