import type { BatchEntry } from '../store/store.ts';
import { EntryFolder } from './entry-folder.ts';
import { contractErrors } from './errors.ts';
import type { ContractError } from './errors.ts';
import type { Application } from './model.ts';
import { responseCodes } from './response-code.ts';
import { parseTimestamp } from './timestamp/parse.ts';
import { isOversized, propagate, readUsage } from './usage.ts';
import type { RawUsage, Usage } from './usage.ts';

const MAX_AGE = 86_400_000;
const MAX_AHEAD = 3_600_000;

/** A report of a 3scale client (`POST /transactions.xml`; contract section 8), checked for its shape only. */
export interface Report {
  readonly service: string;
  /** When it came, by the backends' clock, ms: the date of transactions without a timestamp. */
  readonly at: number;
  /** Usage is not propagated to the parents of a metric. */
  readonly flatUsage: boolean;
  /** Counts the good transactions and keeps an error of each bad one; by default one bad transaction drops all. */
  readonly keepGood: boolean;
  readonly transactions: readonly ReportedTransaction[];
}

export interface ReportedTransaction {
  readonly applicationId: string | null;
  readonly userKey: string | null;
  readonly usage: RawUsage;
  readonly timestamp: string | null;
  /** HTTP status of the reported call. */
  readonly code: string | null;
}

export interface ResolvedReport {
  readonly entries: readonly BatchEntry[];
  /** To be stored for the provider, in the order found. */
  readonly errors: readonly ContractError[];
}

/** The application of a transaction, or why it has none. */
export type FoundApplication = Application | ContractError;

interface CountedTransaction {
  readonly application: Application;
  readonly usage: Usage;
  readonly at: number;
  readonly codes: readonly string[];
}

/**
 * What a report counts, given the application of each of its transactions (contract section 8). One bad transaction
 * drops the whole report with the first error, or with `keepGood` only itself. No state, key or limit is looked at.
 */
export function resolveReport(report: Report, applications: readonly FoundApplication[]): ResolvedReport {
  const folder = new EntryFolder(report.service);
  const errors: ContractError[] = [];
  for (const index of orderOf(report, applications)) {
    const transaction = report.transactions[index];
    const application = applications[index];
    if (transaction === undefined || application === undefined) continue;
    const resolved = resolveTransaction(report, transaction, application);
    if (resolved === null) continue;
    if ('kind' in resolved) {
      errors.push(resolved);
      if (!report.keepGood) return { entries: [], errors };
      continue;
    }
    folder.add(resolved.application, resolved.usage, resolved.at, resolved.codes);
  }
  return { entries: folder.entries(), errors };
}

/** Unknown applications are found first, then transactions are read application by application. */
function orderOf(report: Report, applications: readonly FoundApplication[]): readonly number[] {
  const unknown: number[] = [];
  const groups = new Map<string, number[]>();
  for (let index = 0; index < report.transactions.length; index++) {
    const application = applications[index];
    if (application === undefined) continue;
    if (isError(application)) {
      unknown.push(index);
      continue;
    }
    const group = groups.get(application.id);
    if (group === undefined) groups.set(application.id, [index]);
    else group.push(index);
  }
  return [...unknown, ...[...groups.values()].flat()];
}

/** Null when the transaction counts nothing. */
function resolveTransaction(
  report: Report,
  transaction: ReportedTransaction,
  application: FoundApplication,
): CountedTransaction | ContractError | null {
  if (isError(application)) return application;
  if (transaction.usage.length === 0) return null;
  const usage = readUsage(transaction.usage, application.service.metrics);
  if ('kind' in usage) return usage;
  const counted = report.flatUsage ? usage : propagate(usage);
  if (isOversized(counted)) return oversizedError(transaction);
  const at = dateOf(report, transaction.timestamp);
  if (typeof at !== 'number') return at;
  return { application, usage: counted, at, codes: responseCodes(transaction.code) };
}

function isError(found: FoundApplication): found is ContractError {
  return 'kind' in found;
}

/** Counters have 64 bits: a value beyond them is as invalid as one that is no number. */
function oversizedError(transaction: ReportedTransaction): ContractError {
  const longest = transaction.usage.reduce((a, b) => ((b[1]?.length ?? 0) > (a[1]?.length ?? 0) ? b : a));
  return contractErrors.usageValueInvalid(longest[0], longest[1] ?? '');
}

function dateOf(report: Report, timestamp: string | null): number | ContractError {
  const at = timestamp === null ? null : parseTimestamp(timestamp);
  if (at === null) return report.at;
  if (at < report.at - MAX_AGE) return contractErrors.timestampTooOld;
  if (at > report.at + MAX_AHEAD) return contractErrors.timestampTooNew;
  return at;
}
