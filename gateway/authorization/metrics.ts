import type { Clock } from '../../shared/clock.ts';
import type { CallCounts } from '../backend-client/call-counts.ts';
import type { LeaseFigures } from '../leases/lease-client.ts';
import type { SegmentedJournal } from '../journal/journal.ts';
import type { CountsByLabel, MetricSources } from '../metrics/sources.ts';
import type { Threads } from '../reporting/pool.ts';
import type { Reporting } from '../reporting/reporting.ts';
import type { AfterCalls } from './after-calls.ts';
import type { Modes } from './modes.ts';

export interface MeasuredParts {
  readonly clock: Clock;
  readonly journal: SegmentedJournal;
  readonly reporting: Reporting;
  readonly modes: Modes;
  readonly pool: Threads;
  readonly calls: CallCounts;
  readonly afterCalls: AfterCalls;
}

export type UsageSources = Pick<
  MetricSources,
  | 'authCache'
  | 'authCacheEntries'
  | 'authCacheEvictions'
  | 'leaseWaits'
  | 'leaseUnits'
  | 'leases'
  | 'leaseMessages'
  | 'tokensRefused'
  | 'limited'
  | 'overshoot'
  | 'backendCalls'
  | 'usagePending'
  | 'usageOldestSeconds'
  | 'usageLost'
  | 'usageUncertain'
  | 'usageUnits'
  | 'usageSetAside'
  | 'batchesReplayed'
  | 'batchesLetGo'
  | 'journalBytes'
  | 'journalDamaged'
  | 'batches'
  | 'reportingThreads'
  | 'reportingThreadsBusy'
  | 'reportingDeliveries'
>;

/** The figures of authorization and usage: read from the parts at a scrape. */
export function usageSources(parts: MeasuredParts): UsageSources {
  const { journal, reporting, modes, pool, calls, afterCalls } = parts;
  return {
    authCache: () => decisions(modes),
    authCacheEntries: () => (modes.leased?.authorizer.callers ?? modes.callers).size,
    authCacheEvictions: () => (modes.leased?.authorizer.callers ?? modes.callers).evictions,
    leaseWaits: () => modes.leased?.authorizer.tallies.leaseWaits ?? 0,
    leaseUnits: () => heldOf(modes, ['spent', 'unspent']),
    leases: () => heldOf(modes, ['leases', 'returning']),
    leaseMessages: () => modes.leased?.authorizer.client.messages ?? 0,
    tokensRefused: () => modes.leased?.tokens.refused ?? 0,
    limited: () => limitedOf(modes),
    overshoot: () => modes.leased?.authorizer.tallies.unleased ?? modes.callers.counts.stale,
    backendCalls: () => calls.all(),
    usagePending: () => journal.openUnits + journal.heldUnits + reporting.backlog.units,
    usageOldestSeconds: () => oldestAge(parts),
    usageLost: () => journal.lost,
    usageUncertain: () => reporting.uncertainUnits,
    usageUnits: () => [
      ['journalled', journal.journalledUnits],
      ['sent', reporting.sentUnits],
      ['acknowledged', reporting.acknowledgedUnits],
      ['applied', reporting.appliedUnits],
    ],
    usageSetAside: () => reporting.setAside,
    batchesReplayed: () => reporting.replays,
    batchesLetGo: () => reporting.early,
    journalBytes: () => journal.bytes,
    journalDamaged: () => reporting.damaged,
    batches: () => reporting.results,
    reportingThreads: () => pool.size,
    reportingThreadsBusy: () => pool.busy,
    reportingDeliveries: () => [
      ['thread', reporting.deliveries.thread + afterCalls.deliveries.thread],
      ['loop', reporting.deliveries.loop + afterCalls.deliveries.loop],
    ],
  };
}

function decisions({ leased, callers }: Modes): CountsByLabel {
  if (leased === null) return Object.entries(callers.counts);
  const { hits, misses, denials, unleased } = leased.authorizer.tallies;
  return [
    ['hit', hits],
    ['miss', misses],
    ['negative', denials],
    ['stale', unleased],
  ];
}

function heldOf({ leased }: Modes, names: readonly (keyof LeaseFigures)[]): CountsByLabel {
  if (leased === null) return [];
  const held = leased.authorizer.client.held();
  return names.map((name) => [name === 'leases' ? 'held' : name, held[name]] as const);
}

function limitedOf({ leased }: Modes): CountsByLabel {
  if (leased === null) return [];
  const { limited, limitedElsewhere } = leased.authorizer.tallies;
  return [
    ['none', limited - limitedElsewhere],
    ['elsewhere', limitedElsewhere],
  ];
}

function oldestAge({ clock, journal, reporting }: MeasuredParts): number {
  const open = journal.openSince ?? Number.POSITIVE_INFINITY;
  const oldest = Math.min(open, reporting.backlog.oldest ?? Number.POSITIVE_INFINITY);
  return oldest === Number.POSITIVE_INFINITY ? 0 : Math.max(0, (clock.now() - oldest) / 1000);
}
