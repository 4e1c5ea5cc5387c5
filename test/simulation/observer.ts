import { PERIODS, windowStart } from '../../shared/period.ts';
import type { Period } from '../../shared/period.ts';
import { chainOf, limitsOn } from './plans.ts';
import type { Application, Limit } from './plans.ts';

const MINUTE = 60_000;

export type Violation = 'over' | 'grant' | 'misdated' | 'lost' | 'twice' | 'drift' | 'stuck' | 'fault';

/** Counters by application, metric, period and window. */
class Windows {
  readonly counts = new Map<string, number>();

  /** None of the names here has a blank. */
  static key(application: string, metric: string, period: Period, start: number): string {
    return `${application} ${metric} ${period} ${start}`;
  }

  add(application: string, metric: string, at: number, amount: number): void {
    const starts = startsOf(at);
    for (const each of chainOf(metric)) {
      for (const [index, period] of PERIODS.entries()) {
        const key = Windows.key(application, each, period, starts[index] ?? 0);
        this.counts.set(key, (this.counts.get(key) ?? 0) + amount);
      }
    }
  }

  /** One counter alone. */
  move(application: string, metric: string, period: Period, at: number, amount: number): void {
    const key = Windows.key(application, metric, period, windowStart(period, at));
    this.counts.set(key, (this.counts.get(key) ?? 0) + amount);
  }

  get(application: string, metric: string, period: Period, at: number): number {
    return this.counts.get(Windows.key(application, metric, period, windowStart(period, at))) ?? 0;
  }
}

let lastMinute = -1;
let lastStarts: readonly number[] = [];

function startsOf(at: number): readonly number[] {
  const minute = Math.floor(at / MINUTE);
  if (minute !== lastMinute) {
    lastMinute = minute;
    lastStarts = PERIODS.map((period) => windowStart(period, at));
  }
  return lastStarts;
}

/** Sees everything and believes nothing: what was served, what is on disk, what the limits in force allow. */
export class Observer {
  /** What callers were granted, dated as it is counted. */
  readonly admitted = new Windows();
  /** What the counts must come to: everything on disk, every report that was taken over, every direct call that the store kept. */
  readonly truth = new Windows();
  /** What may be counted beside it, or not: reports whose client was told to try again. */
  readonly maybe = new Windows();
  /** Units that were written off again, R18. */
  readonly corrected = new Windows();
  readonly violations: { readonly kind: Violation; readonly text: string }[] = [];
  /** Counters that were above a limit when it was lowered: they may stay there. */
  readonly #inherited = new Map<string, number>();
  /** Counters that got a limit in this window: what was served before and is not told yet comes on top of it. */
  readonly #added = new Set<string>();
  readonly #now: () => number;
  /** How long a change may take until every gateway obeys it, ms. */
  readonly #obeyedWithin: number;

  /** Per application: counters that were limited under every plan of the round. */
  readonly #always = new Map<string, Set<string>>();

  constructor(now: () => number, obeyedWithin: number) {
    this.#now = now;
    this.#obeyedWithin = obeyedWithin;
  }

  /** What was done to the round, for whoever looks into a failure. */
  readonly events: string[] = [];

  note(text: string): void {
    this.events.push(`${this.#now().toFixed(1)} ${text}`);
  }

  violate(kind: Violation, text: string): void {
    if (this.violations.length < 20) this.violations.push({ kind, text: `at ${this.#now().toFixed(1)}: ${text}` });
  }

  /** A caller was served, or a direct call was counted. `judged` false: a correction, or declared to be without limits. */
  admit(application: Application, metric: string, amount: number, at: number, by: string, judged: boolean): void {
    this.admitted.add(application.id, metric, at, amount);
    for (const limit of limitsOn(application.limits, metric)) {
      const count = this.admitted.get(application.id, limit.metric, limit.period, at);
      const key = Windows.key(application.id, limit.metric, limit.period, windowStart(limit.period, at));
      const inherited = this.#inherited.get(key) ?? 0;
      if (!judged || this.#now() < application.changedAt + this.#obeyedWithin) {
        this.#inherited.set(key, Math.max(inherited, count + (this.#added.has(key) ? limit.max : 0)));
      } else if (amount > 0 && count > Math.max(limit.max, inherited)) {
        this.violate('over', `${key} ${count} > ${Math.max(limit.max, inherited)} by ${by}`);
      }
    }
  }

  /** Is another plan on its way to gateways, which promise by the one before? */
  isChanging(application: Application): boolean {
    return this.#now() < application.changedAt + this.#obeyedWithin;
  }

  /** The most that may be counted at rest. */
  most(application: string, metric: string, period: Period, at: number): number {
    return this.truth.get(application, metric, period, at) + this.maybe.get(application, metric, period, at);
  }

  /** The most that may be counted now: what was applied may be corrected by what was not. */
  mostNow(application: string, metric: string, period: Period, at: number): number {
    return this.most(application, metric, period, at) + this.corrected.get(application, metric, period, at);
  }

  /** Usage reached a disk; a negative one corrects what was written before. */
  journalled(application: string, metric: string, at: number, use: number): void {
    this.truth.add(application, metric, at, use);
    if (use < 0) this.corrected.add(application, metric, at, -use);
  }

  /** A set moved one counter. */
  moved(application: string, metric: string, period: Period, at: number, change: number): void {
    this.truth.move(application, metric, period, at, change);
    this.admitted.move(application, metric, period, at, change);
  }

  /** The counter may reach this, whatever its limit says. */
  allowUpTo(application: string, metric: string, period: Period, at: number, most: number): void {
    const key = Windows.key(application, metric, period, windowStart(period, at));
    this.#inherited.set(key, Math.max(this.#inherited.get(key) ?? 0, most));
  }

  /** Units that the tightest limit on the metric has left. */
  left(application: Application, metric: string, at: number): number {
    const lefts = limitsOn(application.limits, metric).map(
      (limit) => limit.max - this.admitted.get(application.id, limit.metric, limit.period, at),
    );
    return Math.min(Infinity, ...lefts);
  }

  /** Was this counter limited all the time? Of one that was not, `taken` did not see everything. */
  isAlwaysLimited(application: Application, metric: string, period: Period): boolean {
    return this.#limited(application).has(JSON.stringify([metric, period]));
  }

  #limited(application: Application): Set<string> {
    const known = this.#always.get(application.id);
    if (known !== undefined) return known;
    const limited = new Set(application.limits.map(({ metric, period }) => JSON.stringify([metric, period])));
    this.#always.set(application.id, limited);
    return limited;
  }

  /** The application has other limits now: what was admitted under the old ones is not held against the new. */
  changed(application: Application, limits: readonly Limit[], at: number): void {
    const limited = this.#limited(application);
    const still = new Set(limits.map(({ metric, period }) => JSON.stringify([metric, period])));
    for (const counter of limited) if (!still.has(counter)) limited.delete(counter);
    for (const limit of limits) {
      if (application.limits.some(({ metric, period }) => metric === limit.metric && period === limit.period)) continue;
      for (const moment of [at, at + this.#obeyedWithin]) {
        const key = Windows.key(application.id, limit.metric, limit.period, windowStart(limit.period, moment));
        const count = this.admitted.get(application.id, limit.metric, limit.period, moment);
        this.#added.add(key);
        this.#inherited.set(key, Math.max(this.#inherited.get(key) ?? 0, limit.max + count));
      }
    }
    for (const limit of application.limits) {
      const count = this.admitted.get(application.id, limit.metric, limit.period, at);
      const key = Windows.key(application.id, limit.metric, limit.period, windowStart(limit.period, at));
      this.#inherited.set(key, Math.max(this.#inherited.get(key) ?? 0, count));
    }
  }
}
