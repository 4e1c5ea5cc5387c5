import type { GatewaySettings } from '../config/settings.ts';
import { serverDefaults } from '../http1/config.ts';
import type { ServerConfig } from '../http1/config.ts';

/** The backend may take its time-out, and as long again for a question that had to be repeated. */
const HOLD_MARGIN_MS = 5_000;

/** The engine's bounds from the gateway's settings. */
export function serverConfig({ server, backend }: GatewaySettings): ServerConfig {
  return { ...serverDefaults, ...server, holdTimeoutMs: 2 * backend.timeoutMs + HOLD_MARGIN_MS };
}
