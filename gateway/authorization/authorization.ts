import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import { CallCounts } from '../backend-client/call-counts.ts';
import { BackendConnection } from '../backend-client/connection.ts';
import { ThreescaleClient, type ServiceToken } from '../backend-client/threescale.ts';
import { openJournal, type JournalSettings, type SegmentedJournal } from '../journal/journal.ts';
import { deliver } from '../reporting/deliver.ts';
import { ThreadPool } from '../reporting/pool.ts';
import { Reporting } from '../reporting/reporting.ts';
import type { Authorizer } from './authorizer.ts';
import { BatchedAuthorizer } from './batched.ts';
import { Callers } from './callers.ts';
import { usageSources, type UsageSources } from './metrics.ts';
import { Reported } from './reported.ts';

export interface AuthorizationSettings {
  readonly mode: 'batched';
  readonly backendUrl: URL;
  /** BACKEND_TIMEOUT_MS. */
  readonly backendTimeoutMs: number;
  /** AUTHS_TTL, ms; 0: ask every time. */
  readonly authsTtlMs: number;
  /** REPORTING_THREADS. */
  readonly reportingThreads: number;
  /** Report each answer's status (APICAST_RESPONSE_CODES). */
  readonly responseCodes: boolean;
  readonly journal: JournalSettings;
}

export interface AuthorizationDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** The services in force, of which usage is reported. */
  readonly services: () => readonly ServiceToken[];
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
export async function startAuthorization(
  settings: AuthorizationSettings,
  deps: AuthorizationDeps,
): Promise<Authorization> {
  const { clock, log } = deps;
  const calls = new CallCounts();
  const observe = (call: string, result: string): void => calls.add(call, result);
  const connection = new BackendConnection(settings.backendUrl, settings.backendTimeoutMs, { clock, log, observe });
  const client = new ThreescaleClient(connection, settings.backendTimeoutMs);
  const pool = new ThreadPool(settings.reportingThreads, {
    backendUrl: settings.backendUrl.href,
    timeoutMs: settings.backendTimeoutMs,
  });
  const reporting = startReporting(settings, deps, pool, client, calls);
  const reported = new Reported(clock);
  const journal = await startJournal(settings.journal, deps, reporting, reported);
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

  async function stop(ms: number): Promise<boolean> {
    journal.sealNow();
    const empty = await reporting.drain(ms);
    reporting.stop();
    await journal.close();
    await pool.close();
    await connection.close();
    return empty;
  }
  const metrics = usageSources({ clock, journal, reporting, callers, pool, calls });
  return { authorizer, journal, reporting, connection, metrics, stop };
}

function startReporting(
  settings: AuthorizationSettings,
  deps: AuthorizationDeps,
  pool: ThreadPool,
  client: ThreescaleClient,
  calls: CallCounts,
): Reporting {
  const { clock, log } = deps;
  const { directory } = settings.journal;
  return new Reporting(
    { directory, responseCodes: settings.responseCodes },
    {
      clock,
      log,
      pool,
      deliver: (task) => deliver(task, { clock, client, gentle: true }),
      protocol: () => 'report',
      services: deps.services,
      observe: (made) => made.forEach(([call, result]) => calls.add(call, result)),
      storeSeen: () => true,
    },
  );
}

/** The journal, whose sealed segments go to the reporting, which tells it what became of them. */
async function startJournal(
  settings: JournalSettings,
  { clock, log }: AuthorizationDeps,
  reporting: Reporting,
  reported: Reported,
): Promise<SegmentedJournal> {
  const source = {
    delivered(sequence: number): void {
      reported.delivered(sequence);
      journal.delivered(sequence);
    },
    release: (sequence: number): void => journal.release(sequence),
  };
  const journal: SegmentedJournal = await openJournal(settings, {
    clock,
    log,
    sealed: (segment) => reporting.add(segment, source, false),
  });
  return journal;
}
