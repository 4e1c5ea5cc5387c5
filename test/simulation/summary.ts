import type { RoundResult } from './round.ts';

/** What came of a round, as it crosses from a thread. */
export interface RoundSummary {
  readonly seed: number;
  readonly violations: RoundResult['violations'];
  readonly events: readonly string[];
  readonly numbers: Readonly<Record<string, number>>;
}

export function summaryOf({ seed, violations, events, figures, steps, failovers }: RoundResult): RoundSummary {
  const counts = Object.entries(figures).filter(([, value]) => typeof value === 'number');
  const { leases, heartbeat, batches, authorize } = figures.calls;
  const numbers = { steps, failovers, ...Object.fromEntries(counts), leases, heartbeat, batches, authorize };
  // The events of a round in which all is well are nobody's business.
  return { seed, violations, events: violations.length === 0 ? [] : events, numbers };
}
