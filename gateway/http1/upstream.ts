import type { EngineDeps, UpstreamConfig } from './config.ts';
import { UpstreamPool } from './upstream-pool.ts';

/**
 * A pool of connections to one target. `config`: `upstreamDefaults` and the target. Throws a RangeError when the
 * target's URL cannot be used.
 */
export function createUpstream(config: UpstreamConfig, deps: EngineDeps): UpstreamPool {
  return new UpstreamPool(config, deps);
}
