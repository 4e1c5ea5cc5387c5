import type { Upstream } from '../http1/contract.ts';
import type { ServiceSettings } from './service-settings.ts';
import type { UpstreamSettings } from './settings.ts';

/** What an upstream's pool is made from. Services that say the same share a pool. */
export interface UpstreamSpec extends UpstreamSettings {
  /** `http://host:port`, `https://host:port` or `unix:/path`. */
  readonly url: string;
  /** Connections open at once; null: the engine's default. */
  readonly connections: number | null;
}

export type CreateUpstream = (spec: UpstreamSpec) => Upstream;

/** The pools in use, by what they were made from, so that a reload keeps those that did not change. */
export class Upstreams {
  private readonly create: CreateUpstream;
  private pools = new Map<string, Upstream>();

  constructor(create: CreateUpstream) {
    this.create = create;
  }

  /**
   * Makes the pools that these services need, and keeps those that there are. `use` puts them in force and closes
   * the ones that nobody needs any more; `discard` closes the new ones instead.
   */
  prepare(services: readonly ServiceSettings[], settings: UpstreamSettings): PreparedUpstreams {
    const next = new Map<string, Upstream>();
    const poolOf = ({ upstream }: ServiceSettings): Upstream => {
      const { url, connections } = upstream;
      const spec = { ...settings, url, connections, pipelining: upstream.pipelining ?? settings.pipelining };
      const key = JSON.stringify([url, connections, spec.connectTimeoutMs, spec.timeoutMs, spec.pipelining]);
      const pool = next.get(key) ?? this.pools.get(key) ?? this.create(spec);
      next.set(key, pool);
      return pool;
    };
    try {
      return { pools: services.map(poolOf), use: () => this.swap(next), discard: () => closeAllBut(next, this.pools) };
    } catch (error) {
      void closeAllBut(next, this.pools);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.swap(new Map());
  }

  private async swap(next: Map<string, Upstream>): Promise<void> {
    const before = this.pools;
    this.pools = next;
    await closeAllBut(before, next);
  }
}

export interface PreparedUpstreams {
  /** One for each service, in their order. */
  readonly pools: readonly Upstream[];
  use(): Promise<void>;
  discard(): Promise<void>;
}

async function closeAllBut(pools: ReadonlyMap<string, Upstream>, kept: ReadonlyMap<string, Upstream>): Promise<void> {
  await Promise.all([...pools].filter(([key]) => !kept.has(key)).map(([, pool]) => pool.close()));
}
