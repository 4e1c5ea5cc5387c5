import type { CreateUpstream } from '../config/upstreams.ts';
import { upstreamDefaults } from '../http1/config.ts';
import type { EngineDeps } from '../http1/config.ts';
import { createUpstream } from '../http1/upstream.ts';
import { shareOf } from './share.ts';

/** Makes the engine's pools in one of `workers` processes from what the configuration says of an upstream. */
export function upstreamFactory(deps: EngineDeps, workers: number): CreateUpstream {
  return ({ url, connections, connectTimeoutMs, timeoutMs, pipelining }) =>
    createUpstream(
      {
        ...upstreamDefaults,
        url,
        connectTimeoutMs,
        timeoutMs,
        pipelining,
        maxConnections: shareOf(connections ?? upstreamDefaults.maxConnections, workers),
      },
      deps,
    );
}
