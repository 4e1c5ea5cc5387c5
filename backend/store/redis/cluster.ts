import { Redis } from 'ioredis';
import { StoreUnavailable } from '../store.ts';
import { before } from './deadline.ts';
import { CONFIG_TAG, SHARD_TAGS } from './keys.ts';
import { Server } from './server.ts';
import type { ServerDeps, ServerSettings } from './server.ts';
import type { Topology } from './topology.ts';
import type { RedisAddress, ServerOptions } from './url.ts';

interface SlotRange {
  readonly first: number;
  readonly last: number;
  readonly address: RedisAddress;
}

const TAGS = [CONFIG_TAG, ...SHARD_TAGS];

/**
 * The masters of a Redis Cluster. The client library's own cluster mode is not used, because it sends a command again
 * when its connection breaks, and because a script must carry the run id of the very server that runs it (protocol R8).
 * There are only 65 hash tags, so all that is kept of the slots is which server has each of these.
 */
export class ClusterTopology implements Topology {
  readonly #seeds: readonly RedisAddress[];
  readonly #options: ServerOptions;
  readonly #settings: ServerSettings;
  readonly #deps: ServerDeps;
  readonly #onChange: () => void;
  readonly #servers = new Map<string, Server>();
  #addressOf: ReadonlyMap<string, string> = new Map();
  /** Nodes to which a slot was being moved: kept, for the next key of it. */
  readonly #asked = new Set<string>();
  #slotOf: ReadonlyMap<string, number> | null = null;
  #refreshing: Promise<void> | null = null;
  #closed = false;

  constructor(
    seeds: readonly RedisAddress[],
    options: ServerOptions,
    settings: ServerSettings,
    deps: ServerDeps,
    onChange: () => void,
  ) {
    this.#seeds = seeds;
    this.#options = options;
    this.#settings = settings;
    this.#deps = deps;
    this.#onChange = onChange;
  }

  async open(): Promise<void> {
    await this.refresh();
  }

  serverFor(tag: string): Server {
    const server = this.#servers.get(this.#addressOf.get(tag) ?? '');
    if (server === undefined) throw new StoreUnavailable('cluster', `no node of the cluster is known to serve ${tag}`);
    return server;
  }

  serverAt(address: string): Server {
    const server = this.#servers.get(address);
    if (server === undefined) throw new StoreUnavailable('cluster', `the cluster's node ${address} is not known yet`);
    return server;
  }

  async ask(address: string): Promise<void> {
    this.#asked.add(address);
    await this.#reach(address);
  }

  servers(): readonly Server[] {
    return [...this.#servers.values()];
  }

  /** Many callers share one round. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  close(): void {
    this.#closed = true;
    for (const server of this.#servers.values()) server.close();
  }

  async #refresh(): Promise<void> {
    for (const address of [...this.#seeds, ...[...this.#servers.keys()].map(parseAddress)]) {
      const ranges = await this.#slotsFrom(address);
      if (ranges === null || this.#closed) continue;
      await this.#adopt(ranges);
      break;
    }
    await Promise.all(this.servers().map((server) => server.refresh()));
  }

  /** What one node knows of the slots; null when it does not say. */
  async #slotsFrom(address: RedisAddress): Promise<readonly SlotRange[] | null> {
    const client = new Redis({
      ...this.#options,
      ...address,
      lazyConnect: true,
      protocol: 2,
      connectTimeout: this.#settings.limits.connectMs,
      commandTimeout: this.#settings.limits.commandMs,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      disableClientInfo: true,
    });
    client.on('error', () => undefined);
    try {
      await before(client.connect(), this.#settings.limits.connectMs, this.#deps.clock);
      this.#slotOf ??= new Map(
        await Promise.all(TAGS.map(async (tag) => [tag, await client.cluster('KEYSLOT', tag)] as const)),
      );
      return readSlots(await client.cluster('SLOTS'), address);
    } catch {
      return null;
    } finally {
      client.disconnect();
    }
  }

  /** Connects to the masters of our tags, then turns to them, and leaves the others. */
  async #adopt(ranges: readonly SlotRange[]): Promise<void> {
    const addressOf = new Map<string, string>();
    for (const [tag, slot] of this.#slotOf ?? []) {
      const range = ranges.find(({ first, last }) => slot >= first && slot <= last);
      if (range !== undefined) addressOf.set(tag, formatAddress(range.address));
    }
    const wanted = new Set([...addressOf.values(), ...this.#asked]);
    await Promise.all([...wanted].map(async (name) => this.#reach(name)));
    this.#addressOf = addressOf;
    for (const [name, server] of this.#servers) {
      if (wanted.has(name)) continue;
      server.close();
      this.#servers.delete(name);
    }
  }

  /** Connects to a node if that is not done yet. */
  async #reach(address: string): Promise<void> {
    if (this.#closed || this.#servers.has(address)) return;
    await this.#add(address).open();
  }

  #add(name: string): Server {
    const server = new Server(
      name,
      { ...this.#options, ...parseAddress(name) },
      this.#settings,
      this.#deps,
      this.#onChange,
    );
    this.#servers.set(name, server);
    return server;
  }
}

/** Reads CLUSTER SLOTS: [[first, last, [host, port, ...] of the master, replicas ...] ...]. A node without a host is the one that was asked. */
function readSlots(reply: unknown, asked: RedisAddress): SlotRange[] {
  if (!Array.isArray(reply)) return [];
  return reply.flatMap((range: unknown) => {
    const [first, last, master] = itemsOf(range);
    const [host, port] = itemsOf(master);
    if (typeof first !== 'number' || typeof last !== 'number' || typeof port !== 'number') return [];
    return [{ first, last, address: { host: typeof host === 'string' && host !== '' ? host : asked.host, port } }];
  });
}

function itemsOf(reply: unknown): readonly unknown[] {
  return Array.isArray(reply) ? reply : [];
}

function formatAddress({ host, port }: RedisAddress): string {
  return `${host}:${port}`;
}

function parseAddress(text: string): RedisAddress {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon), port: Number(text.slice(colon + 1)) };
}
