import { Server } from './server.ts';
import type { ServerDeps, ServerSettings } from './server.ts';
import type { ServerOptions } from './url.ts';

/** Which server has what. */
export interface Topology {
  /** Resolves after the first attempt to reach the servers. */
  open(): Promise<void>;
  /** The server that holds the keys under a hash tag; throws a StoreUnavailable when that is not known. */
  serverFor(tag: string): Server;
  /** Connects to the server at `host:port`, to which a slot is being moved, as an ASK names it. */
  ask(address: string): Promise<void>;
  /** That server, once `ask` has answered. */
  serverAt(address: string): Server;
  servers(): readonly Server[];
  /** Finds out again who has what, and how the servers stand. Never rejects. */
  refresh(): Promise<void>;
  close(): void;
}

/** One server, or the master that Sentinels name. */
export class SingleTopology implements Topology {
  readonly #server: Server;

  constructor(options: ServerOptions, settings: ServerSettings, deps: ServerDeps, onChange: () => void) {
    const name = options.name ?? options.path ?? `${options.host ?? ''}:${options.port ?? ''}`;
    this.#server = new Server(name, options, settings, deps, onChange);
  }

  async open(): Promise<void> {
    await this.#server.open();
  }

  serverFor(): Server {
    return this.#server;
  }

  async ask(): Promise<void> {
    // There is no other server that could be named.
  }

  serverAt(): Server {
    return this.#server;
  }

  servers(): readonly Server[] {
    return [this.#server];
  }

  async refresh(): Promise<void> {
    await this.#server.refresh();
  }

  close(): void {
    this.#server.close();
  }
}
