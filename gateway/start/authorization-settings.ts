import type { AuthorizationSettings } from '../authorization/authorization.ts';
import type { GatewaySettings } from '../config/settings.ts';
import { shareOf } from './share.ts';

/** What the authorization needs in one of `workers` processes of the gateway's settings. */
export function authorizationSettings(
  { backend, reporting, journal }: GatewaySettings,
  workers: number,
): AuthorizationSettings {
  return {
    mode: reporting.mode,
    backendUrl: new URL(backend.url),
    backendTimeoutMs: backend.timeoutMs,
    authsTtlMs: reporting.authsTtlSeconds * 1000,
    reportingThreads: reporting.threads,
    responseCodes: true,
    journal: {
      directory: journal.folder,
      maxBytes: shareOf(journal.maxBytes, workers),
      full: journal.full,
      fsyncMs: journal.fsyncMs,
      sealMs: reporting.batchSeconds * 1000,
    },
  };
}
