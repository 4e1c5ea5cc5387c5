import type { AuthorizeAnswer, AuthorizeRequest } from '../../shared/wire/authorize.ts';
import type { HeartbeatAnswer, HeartbeatRequest } from '../../shared/wire/heartbeat.ts';
import type { LeasesAnswer, LeasesRequest } from '../../shared/wire/leases.ts';

/**
 * Calls of the gateway protocol. `done` gets the checked answer, or null when there was none within the back-end
 * time-out, or none that can be read. It is never called synchronously; calling it again later is harmless.
 */
export interface BackendTransport {
  authorize(request: AuthorizeRequest, done: (answer: AuthorizeAnswer | null) => void): void;
  leases(request: LeasesRequest, done: (answer: LeasesAnswer | null) => void): void;
  heartbeat(request: HeartbeatRequest, done: (answer: HeartbeatAnswer | null) => void): void;
}
