import type { CreateUpstream } from '../config/upstreams.ts';
import { upstreamDefaults } from '../http1/config.ts';
import type { EngineDeps } from '../http1/config.ts';
import { createUpstream } from '../http1/upstream.ts';

/** Makes the engine's pools from what the configuration says of an upstream. */
export function upstreamFactory(deps: EngineDeps): CreateUpstream {
  return ({ url, connections, connectTimeoutMs, timeoutMs }) =>
    createUpstream(
      {
        ...upstreamDefaults,
        url,
        connectTimeoutMs,
        timeoutMs,
        maxConnections: connections ?? upstreamDefaults.maxConnections,
      },
      deps,
    );
}
