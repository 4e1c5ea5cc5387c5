import type { BackendConnection } from '../backend-client/connection.ts';
import type { SegmentedJournal } from '../journal/journal.ts';
import type { Reporting } from '../reporting/reporting.ts';
import type { Authorizer } from './authorizer.ts';
import { BatchedAuthorizer } from './batched.ts';
import { Callers } from './callers.ts';
import { KnownStore, watchStore } from './known-store.ts';
import { usageSources, type UsageSources } from './metrics.ts';
import { createUsageParts, stopUsageParts, type UsageDeps, type UsageSettings } from './usage-parts.ts';

export interface AuthorizationSettings extends UsageSettings {
  readonly mode: 'batched';
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
  const parts = await createUsageParts(settings, deps, (answer) => store.hear(answer.store));
  const { connection, journal, reporting, reported, threescale: client, calls, pool, protocol } = parts;
  await parts.backendProtocol.ask();
  const watching = watchStore({ clock, protocol, reporting }, store);
  const callers = new Callers(journal);
  const reportedUpTo = (sentAt: number): number => reported.upTo(sentAt);
  const authorizer = new BatchedAuthorizer(settings, {
    clock,
    log,
    client,
    connection,
    journal,
    callers,
    reportedUpTo,
  });
  const metrics = usageSources({ clock, journal, reporting, callers, pool, calls });
  function stop(ms: number): Promise<boolean> {
    watching.cancel();
    return stopUsageParts(parts, ms);
  }
  return { authorizer, journal, reporting, connection, metrics, stop };
}
