import type { GatewaySettings } from '../config/settings.ts';
import { serverDefaults } from '../http1/config.ts';
import type { ServerConfig } from '../http1/config.ts';
import { shareOf } from './share.ts';

/** The backend may take its time-out, and as long again for a question that had to be repeated. */
const HOLD_MARGIN_MS = 5_000;

/** The engine's bounds in one of `workers` processes, from the gateway's settings. */
export function serverConfig({ server, backend }: GatewaySettings, workers: number): ServerConfig {
  return {
    ...serverDefaults,
    ...server,
    maxConnections: shareOf(server.maxConnections, workers),
    maxBufferedBytes: shareOf(serverDefaults.maxBufferedBytes, workers),
    holdTimeoutMs: 2 * backend.timeoutMs + HOLD_MARGIN_MS,
  };
}
