import { PERIODS, windowStart } from '../../../shared/period.ts';
import type { Period } from '../../../shared/period.ts';
import { encodeParts, encodePrefix } from '../encoding.ts';
import { fits } from '../integers.ts';
import { CORRECTED_PERIODS, SERVICE_PERIODS } from '../windows.ts';
import { readInteger } from './cells.ts';
import type { Cells, ReadableCells } from './cells.ts';

/** `used`, `taken`, or answers of a response code. */
export type Account = 'u' | 't' | 'c';

/** Begins every counter of one window: windows of a period are neighbours, the oldest first, so that the ended ones go in one sweep. */
export function windowPrefix(period: Period, start: number): string {
  return `w${PERIODS.indexOf(period)}${String(start).padStart(15, '0')}`;
}

/** `application` null: the total of the service. */
export function counterKey(
  account: Account,
  period: Period,
  start: number,
  service: string,
  application: string | null,
  name: string,
): string {
  return windowPrefix(period, start) + account + encodeParts([service, application, name]);
}

/** Begins the counters of one application (or all of a service's) in one window. */
export function counterPrefix(account: Account, period: Period, start: number, parts: readonly string[]): string {
  return windowPrefix(period, start) + account + encodePrefix(parts);
}

/** Marks an application that ever had usage or units of a lease. */
export function activeKey(service: string, application: string): string {
  return `a${encodeParts([service, application])}`;
}

/**
 * The counters of one application at one time, changed on paper: nothing is written before `commit`, and `overflows`
 * says whether it may be.
 */
export class Ledger {
  readonly #cells: Cells;
  readonly #service: string;
  readonly #application: string;
  readonly #at: number;
  readonly #values = new Map<string, bigint>();
  /** A counter would leave 64 bits. */
  overflows = false;

  constructor(cells: Cells, service: string, application: string, at: number) {
    this.#cells = cells;
    this.#service = service;
    this.#application = application;
    this.#at = at;
  }

  used(metric: string, period: Period): bigint {
    return this.#read(this.#key('u', metric, period)) ?? 0n;
  }

  /** `taken` of the window; where it is missing it equals `used`. */
  taken(metric: string, period: Period): bigint {
    return this.#read(this.#key('t', metric, period)) ?? this.used(metric, period);
  }

  /**
   * What a limit reckons with: `taken`, or `used` where that is more. `taken` of a window begins with the first lease
   * that counts there; what was spent of leases of longer windows before, and is told later, is only in `used`.
   */
  reckoned(metric: string, period: Period): bigint {
    const taken = this.taken(metric, period);
    const used = this.used(metric, period);
    return taken > used ? taken : used;
  }

  /** Moves `taken` alone, as a lease does. */
  take(metric: string, period: Period, amount: bigint): void {
    this.#write(this.#key('t', metric, period), this.taken(metric, period) + amount);
  }

  /** Adds to `used` in all seven periods and the service's totals, and `take` to `taken` where that exists. */
  add(metric: string, use: bigint, take: bigint): void {
    for (const period of PERIODS) this.#move(metric, period, use, take);
  }

  /** Every counter's `used` becomes `value`; `taken` and the totals move by the difference. */
  replace(metric: string, value: bigint): void {
    const differences = new Map(PERIODS.map((period) => [period, value - this.used(metric, period)]));
    for (const [period, difference] of differences) this.#move(metric, period, difference, difference);
    for (const [long, short] of CORRECTED_PERIODS) {
      const correction = (differences.get(long) ?? 0n) - (differences.get(short) ?? 0n);
      if (correction !== 0n) this.#add(this.#totalKey('u', metric, long), correction);
    }
  }

  addCode(code: string, amount: bigint): void {
    for (const period of PERIODS) {
      this.#add(this.#key('c', code, period), amount);
      this.#addTotal('c', code, period, amount);
    }
  }

  commit(): void {
    if (this.#values.size > 0) this.#cells.set(activeKey(this.#service, this.#application), '1');
    for (const [key, value] of this.#values) this.#cells.set(key, value.toString());
  }

  #move(metric: string, period: Period, use: bigint, take: bigint): void {
    const taken = this.#key('t', metric, period);
    const before = this.#read(taken);
    this.#add(this.#key('u', metric, period), use);
    if (before !== null) this.#write(taken, before + take);
    this.#addTotal('u', metric, period, use);
  }

  #addTotal(account: Account, name: string, period: Period, amount: bigint): void {
    if (!SERVICE_PERIODS.some((kept) => kept === period)) return;
    this.#add(this.#totalKey(account, name, period), amount);
  }

  #totalKey(account: Account, name: string, period: Period): string {
    return counterKey(account, period, windowStart(period, this.#at), this.#service, null, name);
  }

  #key(account: Account, name: string, period: Period): string {
    return counterKey(account, period, windowStart(period, this.#at), this.#service, this.#application, name);
  }

  #add(key: string, amount: bigint): void {
    this.#write(key, (this.#read(key) ?? 0n) + amount);
  }

  #read(key: string): bigint | null {
    return this.#values.get(key) ?? readInteger(this.#cells, key);
  }

  #write(key: string, value: bigint): void {
    if (!fits(value)) this.overflows = true;
    this.#values.set(key, value);
  }
}

/** One counter as stored; 0 when there is none. */
export function readCounter(cells: ReadableCells, key: string): bigint {
  return readInteger(cells, key) ?? 0n;
}
