import type { BackendConnection } from '../backend-client/connection.ts';
import type { SegmentedJournal } from '../journal/journal.ts';
import type { Reporting, ReportingDeps } from '../reporting/reporting.ts';
import { AfterCalls } from './after-calls.ts';
import type { Authorizer } from './authorizer.ts';
import { StoreIdentity } from '../leases/store-identity.ts';
import { watchStore } from './known-store.ts';
import { usageSources, type UsageSources } from './metrics.ts';
import { Modes, type ModeSettings } from './modes.ts';
import {
  createUsageParts,
  stopUsageParts,
  type UsageDeps,
  type UsageParts,
  type UsageSettings,
} from './usage-parts.ts';

export interface AuthorizationSettings extends UsageSettings, ModeSettings {}

/** Everything by which a gateway authorizes and counts. */
export interface Authorization {
  readonly authorizer: Authorizer;
  readonly journal: SegmentedJournal;
  readonly reporting: Reporting;
  readonly connection: BackendConnection;
  readonly metrics: UsageSources;
  /** Another process of this JOURNAL_DIR died: takes its journal over, unless somebody else does. */
  adopt(): Promise<void>;
  /** Returns leases and delivers what is pending, for at most `ms`; what is left stays in the journal. True: nothing is left. */
  stop(ms: number): Promise<boolean>;
}

/** Builds and starts it. Throws, with the remedy, when the journal cannot be written. */
export async function startAuthorization(settings: AuthorizationSettings, deps: UsageDeps): Promise<Authorization> {
  const { clock } = deps;
  const store = new StoreIdentity();
  const started: { modes: Modes | null } = { modes: null };
  const heard: ReportingDeps['heard'] = (answer, sentAt, answeredAt) => {
    const client = started.modes?.leased?.authorizer.client;
    if (client === undefined) return store.hear(answer.store, sentAt, answeredAt);
    return client.heard(answer, sentAt, answeredAt) ? 'same' : 'old';
  };
  const parts = await createUsageParts(settings, deps, heard, (epoch, leases, closed) =>
    started.modes?.leased?.authorizer.client.adopt(epoch, leases, closed),
  );
  const { connection, journal, reporting, calls, pool, protocol, adoption } = parts;
  const afterCalls = createAfterCalls(parts, deps);
  const modes = await Modes.start(settings, deps, parts, afterCalls);
  started.modes = modes;
  adoption.start();
  const watching = watchStore({ clock, protocol, reporting }, store);
  const metrics = usageSources({ clock, journal, reporting, modes, pool, calls, afterCalls });
  async function stop(ms: number): Promise<boolean> {
    const deadline = clock.monotonic() + ms;
    watching.cancel();
    await afterCalls.stop(ms);
    await modes.stop(ms / 4);
    return stopUsageParts(parts, Math.max(0, deadline - clock.monotonic()));
  }
  return {
    authorizer: modes.authorizer,
    journal,
    reporting,
    connection,
    metrics,
    adopt: () => adoption.lookAgain(),
    stop,
  };
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
