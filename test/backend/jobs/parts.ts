import { systemClock } from '../../../shared/clock.ts';
import { createLogger } from '../../../shared/log.ts';
import { Metrics } from '../../../backend/metrics/metrics.ts';
import { createMemoryStore } from '../../../backend/store/memory/store.ts';
import type { MemoryStore } from '../../../backend/store/memory/store.ts';
import type { BatchEntry, Store } from '../../../backend/store/store.ts';
import { windowStart } from '../../../shared/period.ts';

export const SERVICE = 'shop';
export const HITS = 'hits';
export const AT = windowStart('minute', systemClock.now());

export interface Parts {
  readonly store: MemoryStore;
  readonly metrics: Metrics;
  readonly lines: string[];
  readonly log: ReturnType<typeof createLogger>;
  readonly errors: { service: string; code: string }[];
  readonly touched: string[];
}

/** What the queue and its worker need besides Redis. Counters are in memory: the store has a suite of its own. */
export function makeParts(): Parts {
  const lines: string[] = [];
  return {
    store: createMemoryStore({ clock: systemClock }),
    metrics: new Metrics(),
    lines,
    log: createLogger('test', 'trace', { write: (line: string) => void lines.push(line) }),
    errors: [],
    touched: [],
  };
}

export function depsOf(parts: Parts) {
  return {
    counters: parts.store.counters,
    errors: {
      record: async (service: string, { code }: { code: string }) => void parts.errors.push({ service, code }),
    },
    activity: { touched: ({ application }: { application: string }) => void parts.touched.push(application) },
    clock: systemClock,
    log: parts.log,
    metrics: parts.metrics,
  };
}

export function entryOf(application: string, use = 1n): BatchEntry {
  const additions = [{ metric: HITS, use, take: use, set: false }];
  return { service: SERVICE, application, at: AT, additions, codes: [{ code: '200', use: 1n }] };
}

/** Usage of the service in the minute of the entries. */
export async function counted(store: Store, application: string | null = null): Promise<bigint> {
  const [value = 0n] = await store.counters.series(SERVICE, application, { metric: HITS }, 'minute', [AT]);
  return value;
}
