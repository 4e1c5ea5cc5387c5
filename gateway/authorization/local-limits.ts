import { windowEnd, windowStart, type Period } from '../../shared/period.ts';
import type { StatusDocument, UsageReport } from '../backend-client/usage-reports.ts';
import type { UsageEntry } from '../rules/usage.ts';
import { rateLimitFields, rateLimitPrefix } from './rate-limit-fields.ts';

/** Steps of own usage that are remembered apart until they are reported; more are counted with a later step. */
const MAX_STEPS = 8;

/** Own usage up to and including a segment of the journal. */
interface Step {
  sequence: number;
  counted: number;
}

/** One limit of a caller, counted here. Usage = `base` + `counted`. */
interface LocalLimit {
  readonly metric: string;
  readonly period: Period;
  readonly max: number;
  /** Window that the counts belong to, ms by the backend's calendar. */
  start: number;
  end: number;
  /** What the backend had counted. */
  base: number;
  /** What this gateway admitted in this window and the backend had not counted yet. */
  counted: number;
  steps: Step[];
  /** RateLimit fields up to the remaining units. */
  readonly prefix: string;
}

/** What a request adds to one limit. */
export interface Charge {
  readonly limit: number;
  readonly amount: number;
}

/** Why a request does not fit, or null when it does. */
export interface Excess {
  readonly disabled: boolean;
  /** Seconds to the end of the longest window that is exceeded; null: eternity. */
  readonly retryAfter: number | null;
}

/**
 * The limits of one caller as the backend reported them, and what this gateway admitted since. Exact for what one
 * gateway does; what others do is seen at the next report.
 */
export class LocalLimits {
  #limits: LocalLimit[] = [];
  #parents = new Map<string, string>();
  /** Grows when the set of limits changes: charges made before are of no use any more. */
  generation = 0;

  /**
   * Takes a report. Of the own usage, what stands in segments up to `reported` is in the backend's figures already;
   * the rest is added to them.
   */
  update(status: StatusDocument, now: number, reported: number): void {
    const previous = this.#limits;
    this.#limits = status.reports.map((report) => {
      const known = previous.find((limit) => limit.metric === report.metric && limit.period === report.period);
      return merged(report, known ?? null, reported, windowEnd('eternity', now));
    });
    if (!sameLimits(previous, this.#limits)) this.generation += 1;
    this.#setHierarchy(status);
  }

  /** What this usage adds to which limits, ancestors included. */
  charges(entries: readonly UsageEntry[]): Charge[] {
    const amounts = new Map<string, number>();
    for (const { metric, amount } of entries) {
      const seen = new Set<string>();
      for (let at: string | undefined = metric; at !== undefined && !seen.has(at); at = this.#parents.get(at)) {
        seen.add(at);
        amounts.set(at, (amounts.get(at) ?? 0) + amount);
      }
    }
    const charges: Charge[] = [];
    for (const [index, limit] of this.#limits.entries()) {
      // A request without usage is refused when a limit is over already, whichever it is.
      const amount = entries.length === 0 ? 0 : amounts.get(limit.metric);
      if (amount !== undefined) charges.push({ limit: index, amount });
    }
    return charges;
  }

  /** Does the backend's answer speak of this metric, so that nothing more has to be asked about it? */
  knows(metric: string): boolean {
    return this.#parents.has(metric) || this.#limits.some((limit) => limit.metric === metric);
  }

  /** Does it fit at `now` (ms)? Null: yes. */
  excess(charges: readonly Charge[], now: number): Excess | null {
    let disabled = false;
    let latest = 0;
    let eternal = false;
    for (const { limit: index, amount } of charges) {
      const limit = this.#at(index, now);
      if (limit === null || limit.base + limit.counted + amount <= limit.max) continue;
      if (limit.max <= 0) disabled = true;
      if (limit.period === 'eternity') eternal = true;
      else latest = Math.max(latest, limit.end);
    }
    if (!disabled && !eternal && latest === 0) return null;
    return { disabled, retryAfter: eternal || disabled ? null : Math.max(1, Math.ceil((latest - now) / 1000)) };
  }

  /** Counts it, as part of the journal's segment `sequence`. */
  count(charges: readonly Charge[], sequence: number): void {
    for (const { limit: index, amount } of charges) {
      const limit = this.#limits[index];
      if (limit === undefined) continue;
      limit.counted += amount;
      note(limit, sequence);
    }
  }

  /** Takes back what was counted at `at` (ms), unless its window is over. */
  takeBack(charges: readonly Charge[], at: number): void {
    for (const { limit: index, amount } of charges) {
      const limit = this.#limits[index];
      if (limit === undefined || at < limit.start) continue;
      limit.counted -= amount;
      for (const step of limit.steps) step.counted = Math.min(step.counted, limit.counted);
    }
  }

  /** Calls like this one that still fit: by the tightest limit; infinite without limits. */
  remainingCalls(charges: readonly Charge[], now: number): number {
    let calls = Number.POSITIVE_INFINITY;
    for (const { limit: index, amount } of charges) {
      const limit = this.#at(index, now);
      if (limit !== null && amount > 0)
        calls = Math.min(calls, Math.max(0, Math.floor((limit.max - limit.base - limit.counted) / amount)));
    }
    return calls;
  }

  /** RateLimit fields of the tightest limit; empty when nothing is limited. */
  fields(charges: readonly Charge[], now: number): string {
    let tightest: LocalLimit | null = null;
    let fewest = Number.POSITIVE_INFINITY;
    for (const { limit: index, amount } of charges) {
      const limit = this.#at(index, now);
      if (limit === null || amount === 0) continue;
      const calls = (limit.max - limit.base - limit.counted) / amount;
      if (calls >= fewest) continue;
      fewest = calls;
      tightest = limit;
    }
    if (tightest === null) return '';
    const remaining = Math.max(0, tightest.max - tightest.base - tightest.counted);
    return rateLimitFields(
      tightest.prefix,
      remaining,
      tightest.period === 'eternity' ? null : Math.max(0, Math.ceil((tightest.end - now) / 1000)),
    );
  }

  /** The limit in the window that holds `now`. */
  #at(index: number, now: number): LocalLimit | null {
    const limit = this.#limits[index];
    if (limit === undefined) return null;
    if (now >= limit.end && limit.period !== 'eternity') {
      limit.start = windowStart(limit.period, now);
      limit.end = windowEnd(limit.period, now);
      limit.base = 0;
      limit.counted = 0;
      limit.steps = [];
    }
    return limit;
  }

  #setHierarchy(status: StatusDocument): void {
    for (const [parent, children] of status.children) {
      for (const child of children) {
        if (this.#parents.get(child) === parent) continue;
        this.#parents.set(child, parent);
        this.generation += 1;
      }
    }
  }
}

function merged(report: UsageReport, known: LocalLimit | null, reported: number, forEver: number): LocalLimit {
  const { metric, period, max, current } = report;
  const start = report.window?.start ?? 0;
  const end = report.window?.end ?? forEver;
  const prefix = known?.max === max ? known.prefix : rateLimitPrefix(metric, period, max, start);
  // The answer was made before the window ended that it speaks of: of the new one it knows nothing.
  if (known !== null && known.start > start) return { ...known, max, prefix };
  if (known === null || known.start !== start)
    return { metric, period, max, start, end, base: current, counted: 0, steps: [], prefix };
  const included = includedIn(known, reported);
  const later = known.steps.filter((step) => step.sequence > reported);
  const steps = later.map((step) => ({ sequence: step.sequence, counted: step.counted - included }));
  return { metric, period, max, start, end, base: current, counted: known.counted - included, steps, prefix };
}

function note(limit: LocalLimit, sequence: number): void {
  const last = limit.steps[limit.steps.length - 1];
  if (last !== undefined && last.sequence === sequence) {
    last.counted = limit.counted;
    return;
  }
  if (limit.steps.length === MAX_STEPS) limit.steps.splice(0, 1);
  limit.steps.push({ sequence, counted: limit.counted });
}

/** Own usage that stands in segments up to `reported`. */
function includedIn(limit: LocalLimit, reported: number): number {
  let included = 0;
  for (const step of limit.steps) if (step.sequence <= reported) included = step.counted;
  return included;
}

function sameLimits(before: readonly LocalLimit[], after: readonly LocalLimit[]): boolean {
  return (
    before.length === after.length &&
    before.every((limit, index) => limit.metric === after[index]?.metric && limit.period === after[index].period)
  );
}
