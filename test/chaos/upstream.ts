import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { systemClock } from '../../shared/clock.ts';
import type { Ledger } from './ledger.ts';

/** The app behind the gateways: it writes down each request that it serves, before it answers. */
export class LedgerUpstream {
  readonly #server: Server;
  port = 0;

  constructor(ledger: () => Ledger) {
    this.#server = createServer((request, response) => {
      const id = request.headers['x-ledger-id'];
      if (typeof id === 'string') ledger().served(id, systemClock.now());
      request.resume();
      response.end('served');
    });
    this.#server.keepAliveTimeout = 600_000;
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    this.port = typeof address === 'object' && address !== null ? address.port : 0;
    return this;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
