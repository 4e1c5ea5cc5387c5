import { compileService } from './compile.ts';
import type { Configuration } from './read.ts';
import type { Service, ServiceTable } from './service.ts';
import type { ServiceSettings } from './service-settings.ts';
import { createServiceTable } from './table.ts';
import type { CreateUpstream, PreparedUpstreams } from './upstreams.ts';
import { Upstreams } from './upstreams.ts';

/**
 * Compiles configurations one after the other. Services and pools that did not change are the same objects as before,
 * so that nothing that is kept for them (connections, decisions, leases) is lost.
 */
export class ServiceCompiler {
  private readonly upstreams: Upstreams;
  private compiled = new Map<string, Service>();

  constructor(createUpstream: CreateUpstream) {
    this.upstreams = new Upstreams(createUpstream);
  }

  /** Compiles all or, when it throws, nothing: then what was in force stays as it was. */
  compile({ services, settings }: Configuration): ServiceTable {
    const prepared = this.upstreams.prepare(services, settings.upstream);
    let next: Map<string, Service>;
    try {
      next = this.compileAll(services, prepared);
    } catch (error) {
      void prepared.discard();
      throw error;
    }
    this.compiled = next;
    void prepared.use();
    return createServiceTable(
      [...next.values()].map((service, index) => ({ service, hosts: services[index]?.hosts ?? null })),
    );
  }

  /** Closes every pool. */
  async close(): Promise<void> {
    await this.upstreams.close();
  }

  private compileAll(services: readonly ServiceSettings[], { pools }: PreparedUpstreams): Map<string, Service> {
    const next = new Map<string, Service>();
    for (const [index, settings] of services.entries()) {
      const upstream = pools[index];
      if (upstream === undefined) throw new Error('there is a pool for each service');
      const { hosts: _hosts, ...rest } = settings;
      const key = JSON.stringify(rest);
      const known = this.compiled.get(key);
      next.set(key, known?.upstream === upstream ? known : compileService(settings, upstream));
    }
    return next;
  }
}
