import { Counter, Gauge, type Registry } from 'prom-client';
import type { Clock } from '../../shared/clock.ts';
import type { SegmentedJournal } from '../journal/journal.ts';
import type { ThreadPool } from '../reporting/pool.ts';
import type { Reporting } from '../reporting/reporting.ts';
import type { Callers } from './callers.ts';

export interface MeasuredParts {
  readonly clock: Clock;
  readonly journal: SegmentedJournal;
  readonly reporting: Reporting;
  readonly callers: Callers;
  readonly pool: ThreadPool;
}

/** Registers the figures of usage and authorization. They are read from the parts when they are scraped, and cost nothing before. */
export function registerUsageMetrics(registry: Registry, parts: MeasuredParts): void {
  const { journal, reporting, callers, pool } = parts;
  const registers = [registry];
  gauge('tallygate_usage_pending', 'Units of usage that the backend has not counted yet.', () => journal.openUnits + reporting.backlog.units);
  gauge('tallygate_usage_oldest_seconds', 'Age of the oldest usage that the backend has not counted yet.', () => oldestAge(parts));
  gauge('tallygate_auth_cache_entries', 'Callers that are remembered.', () => callers.size);
  gauge('tallygate_reporting_threads', 'Reporting threads.', () => pool.size);
  gauge('tallygate_reporting_threads_busy', 'Reporting threads at work.', () => pool.busy);
  gauge('tallygate_journal_bytes', 'Bytes of the journal on disk.', () => journal.bytes);
  counter('tallygate_usage_lost_total', 'Units of usage that were served and could not be journalled.', () => journal.lost);
  counter('tallygate_usage_uncertain_total', 'Units set aside because nobody knows whether the backend counted them.', () => reporting.uncertainUnits);
  counter('tallygate_journal_damaged_total', 'Places of segments that could not be read.', () => reporting.damaged);
  counter('tallygate_auth_cache_evictions_total', 'Callers forgotten for want of room.', () => callers.evictions);
  labelled('tallygate_auth_cache_total', 'Look-ups of callers by result.', 'result', () => Object.entries(callers.counts));
  labelled('tallygate_batches_total', 'Attempts to deliver a segment by result.', 'result', () => [...reporting.results]);
  labelled('tallygate_reporting_deliveries_total', 'Segments delivered, by thread or event loop.', 'by', () => Object.entries(reporting.deliveries));

  function gauge(name: string, help: string, value: () => number): void {
    new Gauge({ name, help, registers, collect() { this.set(value()); } });
  }

  function counter(name: string, help: string, value: () => number): void {
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(value());
      },
    });
  }

  function labelled(name: string, help: string, label: string, values: () => readonly (readonly [string, number])[]): void {
    new Counter({
      name,
      help,
      registers,
      labelNames: [label],
      collect() {
        this.reset();
        for (const [key, value] of values()) this.inc({ [label]: key }, value);
      },
    });
  }
}

function oldestAge({ clock, journal, reporting }: MeasuredParts): number {
  const oldest = Math.min(journal.openSince ?? Number.POSITIVE_INFINITY, reporting.backlog.oldest ?? Number.POSITIVE_INFINITY);
  return oldest === Number.POSITIVE_INFINITY ? 0 : Math.max(0, (clock.now() - oldest) / 1000);
}
