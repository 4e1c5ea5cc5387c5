import {
  startAuthorization,
  type Authorization,
  type AuthorizationSettings,
} from '../../../gateway/authorization/authorization.ts';
import type { Call, Decision } from '../../../gateway/authorization/authorizer.ts';
import { systemClock, type Clock } from '../../../shared/clock.ts';
import { createLogger, type Logger } from '../../../shared/log.ts';
import { temporaryFolder } from '../../harness/folder.ts';
import { track } from '../../harness/resources.ts';
import type { ContractBackend } from './backend.ts';
import { testService } from './service.ts';

/** Authorization against a backend over real sockets, with a journal of its own. */
export async function startedAuthorization(
  backend: Pick<ContractBackend, 'url'>,
  changes: Partial<AuthorizationSettings> = {},
  clock: Clock = systemClock,
  log: Logger = createLogger('test', 'silent'),
): Promise<Authorization> {
  const service = testService();
  const journal = { maxBytes: 1 << 30, full: 'refuse', fsyncMs: 100, sealMs: 100 } as const;
  const authorization = await startAuthorization(
    {
      mode: 'batched',
      backendUrl: backend.url,
      backendTimeoutMs: 300,
      authsTtlMs: 10_000,
      reportingThreads: 0,
      responseCodes: false,
      journal: { directory: await temporaryFolder(), ...journal },
      ...changes,
    },
    { clock, log, services: () => [service] },
  );
  track({ stop: () => authorization.stop(0).then(() => undefined), abandon: () => undefined });
  return authorization;
}

/** Waits for the decision, and commits as the engine does at the end of a tick. The call is under way then. */
export async function admit({ authorizer }: Authorization, call: Call): Promise<Decision> {
  const decision = await new Promise<Decision>((resolve) => {
    const now = authorizer.authorize(call, resolve);
    if (now !== null) resolve(now);
  });
  if (decision.allowed && !authorizer.commit()) throw new Error('the journal could not be written');
  return decision;
}

/** A whole request: decided, and answered with `status` when admitted. */
export async function decide(authorization: Authorization, call: Call, status = 200): Promise<Decision> {
  const decision = await admit(authorization, call);
  if (decision.allowed) authorization.authorizer.finished(call, status, false);
  return decision;
}
