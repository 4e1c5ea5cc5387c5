import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import { CallCounts } from '../backend-client/call-counts.ts';
import { BackendConnection, type Carrier } from '../backend-client/connection.ts';
import { ProtocolClient } from '../backend-client/protocol.ts';
import { ThreescaleClient, type ServiceToken } from '../backend-client/threescale.ts';
import { Adoption, type AdoptionDeps } from '../journal/adoption.ts';
import { openJournal, type JournalSettings, type SegmentedJournal } from '../journal/journal.ts';
import type { Disk } from '../journal/disk.ts';
import { deliver } from '../reporting/deliver.ts';
import { ThreadPool } from '../reporting/pool.ts';
import type { Threads } from '../reporting/pool.ts';
import { Reporting, type ReportingDeps } from '../reporting/reporting.ts';
import type { DeliveryResult, DeliveryTask } from '../reporting/task.ts';
import { BackendProtocol } from './backend-protocol.ts';
import { Reported } from './reported.ts';

export interface UsageSettings {
  readonly backendUrl: URL;
  /** BACKEND_TIMEOUT_MS. */
  readonly backendTimeoutMs: number;
  /** REPORTING_THREADS. */
  readonly reportingThreads: number;
  /** Report each answer's status to a 3scale backend (APICAST_RESPONSE_CODES). */
  readonly responseCodes: boolean;
  readonly journal: JournalSettings;
  /** By an operator's word: take over journals that were copied here. Absent: false. */
  readonly takeCopies?: boolean;
  /** See ReportingSettings. */
  readonly horizonMs?: number;
}

/** What is outside of the process, where it is not the real thing: for the simulation. */
export interface Outside {
  readonly disk: Disk;
  readonly dispatcher: (origin: string) => Carrier;
  readonly random: () => number;
  readonly newEpoch: () => string;
  /** Given the way in which a thread delivers. */
  readonly pool: (deliver: (task: DeliveryTask) => Promise<DeliveryResult>) => Threads;
}

export interface UsageDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** The services in force, of which usage is reported. */
  readonly services: () => readonly ServiceToken[];
  /** Reporting threads of another process of this gateway. Absent: it has its own. */
  readonly threads?: Threads | undefined;
  /** Default: the real disk, sockets, chance and threads. */
  readonly outside?: Outside;
}

/** What every mode is made of: the way to the backend, the journal, and the delivery of its segments. */
export interface UsageParts {
  readonly calls: CallCounts;
  readonly connection: BackendConnection;
  readonly threescale: ThreescaleClient;
  readonly protocol: ProtocolClient;
  readonly backendProtocol: BackendProtocol;
  readonly pool: Threads;
  readonly reporting: Reporting;
  readonly reported: Reported;
  readonly journal: SegmentedJournal;
  readonly adoption: Adoption;
}

/**
 * Builds the parts. `heard` takes every answer to a batch (see ReportingDeps), `closeLeases` the leases that dead
 * processes left open (see AdoptionDeps). Throws, with the remedy, when the journal cannot be
 * written.
 */
export async function createUsageParts(
  settings: UsageSettings,
  deps: UsageDeps,
  heard: ReportingDeps['heard'],
  closeLeases: AdoptionDeps['closeLeases'],
): Promise<UsageParts> {
  const { clock, log, outside = {} } = deps;
  const { backendUrl, backendTimeoutMs: timeoutMs } = settings;
  const calls = new CallCounts();
  const observe = (call: string, result: string): void => calls.add(call, result);
  const connection = new BackendConnection(backendUrl, timeoutMs, { clock, log, observe, ...outside });
  const threescale = new ThreescaleClient(connection, timeoutMs);
  const protocol = new ProtocolClient(connection, timeoutMs);
  const backendProtocol = new BackendProtocol(protocol, deps, () => reporting.pump());
  const deliverHere = (gentle: boolean) => (task: DeliveryTask) =>
    deliver(task, { clock, client: threescale, protocol, gentle, ...outside });
  const pool =
    deps.threads ??
    deps.outside?.pool(deliverHere(false)) ??
    new ThreadPool(settings.reportingThreads, { backendUrl: backendUrl.href, timeoutMs }, log);
  const reporting = new Reporting(
    { ...settings, directory: settings.journal.directory },
    {
      ...outside,
      clock,
      log,
      pool,
      deliver: deliverHere(true),
      protocol: () => backendProtocol.found,
      services: deps.services,
      observe: (made) => made.forEach(([call, result]) => observe(call, result)),
      heard,
    },
  );
  const reported = new Reported(clock);
  const journal = await startJournal(settings.journal, deps, reporting, reported);
  const adoption = new Adoption(settings.journal.directory, journal.epoch, {
    ...outside,
    clock,
    log,
    adopted: (segments, source) => reporting.add(segments, source, true),
    closeLeases,
    takeCopies: settings.takeCopies === true,
    recognisesRepeats: () => (backendProtocol.found === null ? null : backendProtocol.found === 'batch'),
    occupied: (bytes) => journal.occupy(bytes),
  });
  return { calls, connection, threescale, protocol, backendProtocol, pool, reporting, reported, journal, adoption };
}

/** Delivers what is pending, for at most `ms`; what is left stays in the journal. True: nothing is left. */
export async function stopUsageParts(parts: UsageParts, ms: number): Promise<boolean> {
  await parts.adoption.stop();
  parts.journal.sealNow();
  let empty = await parts.reporting.drain(ms);
  // What came in the meantime.
  parts.journal.sealNow();
  if (empty) empty = await parts.reporting.drain(ms);
  parts.backendProtocol.stop();
  parts.reporting.stop();
  await parts.journal.close();
  await parts.pool.close();
  await parts.connection.close();
  return empty;
}

/** The journal, whose sealed segments go to the reporting, which tells it what became of them. */
async function startJournal(
  settings: JournalSettings,
  { clock, log, outside }: UsageDeps,
  reporting: Reporting,
  reported: Reported,
): Promise<SegmentedJournal> {
  const source = {
    delivered(sequence: number): void {
      reported.delivered(sequence);
      journal.delivered(sequence);
    },
    parked: (sequence: number): void => journal.delivered(sequence),
    release: (sequence: number): void => journal.release(sequence),
  };
  const journal: SegmentedJournal = await openJournal(settings, {
    clock,
    log,
    sealed: (segment) => reporting.add([segment], source, false),
    makeRoom: (bytes) => reporting.letGo(bytes),
    ...outside,
  });
  return journal;
}
