import type { BackendConnection } from '../backend-client/connection.ts';
import type { SegmentedJournal } from '../journal/journal.ts';
import type { Reporting } from '../reporting/reporting.ts';
import { AfterCalls } from './after-calls.ts';
import type { Authorizer } from './authorizer.ts';
import { BatchedAuthorizer } from './batched.ts';
import { Callers } from './callers.ts';
import { KnownStore, watchStore } from './known-store.ts';
import { usageSources, type UsageSources } from './metrics.ts';
import { PerRequestAuthorizer } from './per-request.ts';
import {
  createUsageParts,
  stopUsageParts,
  type UsageDeps,
  type UsageParts,
  type UsageSettings,
} from './usage-parts.ts';

export interface AuthorizationSettings extends UsageSettings {
  readonly mode: 'batched' | 'per-request';
  /** AUTHS_TTL, ms; 0: ask every time. */
  readonly authsTtlMs: number;
}

/** Everything by which a gateway authorizes and counts. */
export interface Authorization {
  readonly authorizer: Authorizer;
  readonly journal: SegmentedJournal;
  readonly reporting: Reporting;
  readonly connection: BackendConnection;
  readonly metrics: UsageSources;
  /** Delivers what is pending, for at most `ms`; what is left stays in the journal. True: nothing is left. */
  stop(ms: number): Promise<boolean>;
}

/** Builds and starts it. Throws, with the remedy, when the journal cannot be written. */
export async function startAuthorization(settings: AuthorizationSettings, deps: UsageDeps): Promise<Authorization> {
  const { clock, log } = deps;
  const store = new KnownStore();
  const parts = await createUsageParts(settings, deps, (answer) => store.hear(answer.store), null);
  const { connection, journal, reporting, calls, pool, protocol } = parts;
  await parts.backendProtocol.ask();
  parts.adoption.start();
  const watching = watchStore({ clock, protocol, reporting }, store);
  const callers = new Callers(journal);
  const afterCalls = createAfterCalls(parts, deps);
  const authorizer = createAuthorizer(settings, deps, parts, callers, afterCalls);
  const metrics = usageSources({ clock, journal, reporting, callers, pool, calls, afterCalls });
  async function stop(ms: number): Promise<boolean> {
    const deadline = clock.monotonic() + ms;
    watching.cancel();
    await afterCalls.stop(ms);
    return stopUsageParts(parts, Math.max(0, deadline - clock.monotonic()));
  }
  log.info({ code: 'authorization_started', mode: settings.mode, epoch: journal.epoch }, 'authorization is ready');
  return { authorizer, journal, reporting, connection, metrics, stop };
}

function createAuthorizer(
  settings: AuthorizationSettings,
  { clock, log }: UsageDeps,
  parts: UsageParts,
  callers: Callers,
  afterCalls: AfterCalls,
): Authorizer {
  const { connection, journal, reported, threescale: client } = parts;
  const deps = { clock, log, client, connection, journal, callers };
  if (settings.mode === 'per-request') return new PerRequestAuthorizer(settings, { ...deps, afterCalls });
  return new BatchedAuthorizer(settings, { ...deps, reportedUpTo: (sentAt) => reported.upTo(sentAt) });
}

function createAfterCalls(
  { journal, pool, threescale, connection, calls }: UsageParts,
  { clock }: UsageDeps,
): AfterCalls {
  return new AfterCalls({
    clock,
    journal,
    pool,
    client: threescale,
    backendDown: () => connection.open,
    observe: (made) => made.forEach(([call, result]) => calls.add(call, result)),
  });
}
