import { join } from 'node:path';
import { Counter, type Registry } from 'prom-client';
import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import { BackendConnection } from '../backend-client/connection.ts';
import { ThreescaleClient, type ServiceToken } from '../backend-client/threescale.ts';
import { openJournal, type JournalSettings, type SegmentedJournal } from '../journal/journal.ts';
import { deliver } from '../reporting/deliver.ts';
import { ThreadPool } from '../reporting/pool.ts';
import { Reporting } from '../reporting/reporting.ts';
import type { Authorizer } from './authorizer.ts';
import { BatchedAuthorizer } from './batched.ts';
import { Callers } from './callers.ts';
import { registerUsageMetrics } from './metrics.ts';
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
  readonly metrics: Registry;
  /** The services in force, of which usage is reported. */
  readonly services: () => readonly ServiceToken[];
}

/** Everything by which a gateway authorizes and counts. */
export interface Authorization {
  readonly authorizer: Authorizer;
  readonly journal: SegmentedJournal;
  readonly reporting: Reporting;
  readonly connection: BackendConnection;
  /** Delivers what is pending, for at most `ms`; what is left stays in the journal. True: nothing is left. */
  stop(ms: number): Promise<boolean>;
}

/** Builds and starts it. Throws, with the remedy, when the journal cannot be written. */
export async function startAuthorization(settings: AuthorizationSettings, deps: AuthorizationDeps): Promise<Authorization> {
  const { clock, log } = deps;
  const calls = new Counter({
    name: 'tallygate_backend_calls_total',
    help: 'Calls to the backend by kind and result (status class, or why there was no answer).',
    labelNames: ['call', 'result'],
    registers: [deps.metrics],
  });
  const observe = (call: string, result: string): void => calls.inc({ call, result });
  const connection = new BackendConnection(settings.backendUrl, settings.backendTimeoutMs, { clock, log, observe });
  const client = new ThreescaleClient(connection, settings.backendTimeoutMs);
  const reported = new Reported(clock);
  const pool = new ThreadPool(settings.reportingThreads, { backendUrl: settings.backendUrl.href, timeoutMs: settings.backendTimeoutMs });
  const reporting = new Reporting(
    { directory: settings.journal.directory, responseCodes: settings.responseCodes },
    {
      clock,
      log,
      pool,
      deliver: (task) => deliver(task, { clock, client, gentle: true }),
      protocol: () => 'report',
      services: deps.services,
      observe: (made) => made.forEach(([call, result]) => observe(call, result)),
      storeSeen: () => true,
    },
  );
  const source = {
    delivered(sequence: number): void {
      reported.delivered(sequence);
      journal.delivered(sequence);
    },
    release: (sequence: number): void => journal.release(sequence),
  };
  const journal: SegmentedJournal = await openJournal(settings.journal, { clock, log, sealed: (segment) => reporting.add(segment, source, false) });
  const callers = new Callers(journal);
  const reportedUpTo = (sentAt: number): number => reported.upTo(sentAt);
  const authorizer = new BatchedAuthorizer(settings, { clock, log, client, connection, journal, callers, reportedUpTo });
  registerUsageMetrics(deps.metrics, { clock, journal, reporting, callers, pool });
  log.info({ code: 'journal_opened', folder: join(settings.journal.directory, journal.epoch) }, 'usage is journalled');

  async function stop(ms: number): Promise<boolean> {
    journal.sealNow();
    const empty = await reporting.drain(ms);
    reporting.stop();
    await journal.close();
    await pool.close();
    await connection.close();
    return empty;
  }
  return { authorizer, journal, reporting, connection, stop };
}
