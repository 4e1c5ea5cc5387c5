import { createServer as createNetServer } from 'node:net';
import type { ListenOptions, Server, Socket } from 'node:net';
import { ClientConnection } from './client-connection.ts';
import type { ServerConfig } from './config.ts';
import type { ServerCounters } from './counters.ts';
import { ServerCore } from './server-core.ts';
import type { ServerDeps } from './server-core.ts';

/** Connections over the bound that are being answered; one more is closed without an answer. */
const MAX_TURNED_AWAY = 1_000;

/** Accepts client connections. `config`: `serverDefaults` and what differs. Throws a RangeError for a bad CIDR. */
export function createServer<Context>(config: ServerConfig, deps: ServerDeps<Context>): HttpServer<Context> {
  return new HttpServer(config, deps);
}

export class HttpServer<Context> {
  readonly #core: ServerCore<Context>;
  readonly #server: Server;
  readonly #connections = new Set<ClientConnection<Context>>();
  #drained: (() => void) | null = null;

  constructor(config: ServerConfig, deps: ServerDeps<Context>) {
    this.#core = new ServerCore(config, deps);
    const options = { allowHalfOpen: true, noDelay: true, pauseOnConnect: true };
    this.#server = createNetServer(options, (socket) => this.accept(socket));
  }

  get counters(): ServerCounters {
    return this.#core.counters;
  }

  /** The port that it listens on; 0: none, or a unix socket. */
  get port(): number {
    const address = this.#server.address();
    return address === null || typeof address === 'string' ? 0 : address.port;
  }

  /** Listens on a host and port (0: a free one), a `path`, or an open `fd`; in a cluster worker, through the primary. */
  listen(where: ListenOptions | { readonly fd: number }): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(where, () => {
        this.#server.off('error', reject);
        this.#server.on('error', (error) => this.#core.events.fault(error));
        resolve();
      });
    });
  }

  /** Takes a connection that was accepted elsewhere. */
  accept(socket: Socket): void {
    const { counters, config, draining } = this.#core;
    counters.accepted++;
    if (this.#connections.size > config.maxConnections + MAX_TURNED_AWAY) {
      socket.destroy();
      return;
    }
    const connection = new ClientConnection(this.#core, socket, (closed) => this.#closed(closed));
    this.#connections.add(connection);
    counters.open = this.#connections.size;
    if (this.#connections.size > config.maxConnections || draining) connection.turnAway();
  }

  /** Accepts no further connection; open ones go on. */
  stopAccepting(): void {
    if (this.#server.listening) this.#server.close();
  }

  /** Stops accepting, closes idle connections, lets exchanges under way finish; resolves when all are closed. */
  async drain(): Promise<void> {
    this.stopAccepting();
    this.#core.draining = true;
    for (const connection of this.#connections) connection.drain();
    if (this.#connections.size > 0) await new Promise<void>((resolve) => (this.#drained = resolve));
  }

  /** Destroys what is still open. */
  async close(): Promise<void> {
    const drained = this.drain();
    for (const connection of this.#connections) connection.socket.destroy();
    await drained;
  }

  #closed(connection: ClientConnection<Context>): void {
    this.#connections.delete(connection);
    this.#core.counters.open = this.#connections.size;
    if (this.#connections.size === 0) this.#drained?.();
  }
}
