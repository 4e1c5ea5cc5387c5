import type { Check } from '../admin/health.ts';
import type { Authorization } from '../authorization/authorization.ts';
import type { Call } from '../authorization/authorizer.ts';
import type { HttpServer } from '../http1/server.ts';

export interface ReadyParts {
  readonly authorization: Authorization;
  readonly server: HttpServer<Call>;
  readonly stopping: () => boolean;
}

/** Ready: listening, journal writable, not stopping. The backend's state is shown and not required: an outage has its own answer. */
export function readinessChecks({ authorization, server, stopping }: ReadyParts): readonly Check[] {
  return [
    { name: 'listening', required: true, read: () => ({ ok: server.port !== 0 && !stopping() }) },
    { name: 'journal', required: true, read: () => ({ ok: authorization.journal.writable }) },
    { name: 'backend', required: false, read: () => ({ ok: !authorization.connection.open }) },
  ];
}
