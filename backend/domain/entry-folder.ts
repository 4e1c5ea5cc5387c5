import { windowStart } from '../../shared/period.ts';
import type { BatchAddition, BatchEntry } from '../store/store.ts';
import type { Application } from './model.ts';
import { MAX_COUNTER, isNothing } from './usage.ts';
import type { Usage } from './usage.ts';

/** Transactions of one application and minute that add up to one entry. */
interface Sum {
  readonly application: string;
  readonly at: number;
  readonly amounts: Map<string, bigint>;
  readonly codes: Map<string, bigint>;
}

/**
 * Folds the transactions of a report into entries of application, minute and amounts: the store then raises each
 * counter once. A transaction that sets stands alone, after what came before it.
 */
export class EntryFolder {
  readonly #service: string;
  readonly #entries: (Sum | BatchEntry)[] = [];
  /** Sums that may still grow, by application and minute. */
  readonly #open = new Map<string, Map<number, Sum>>();

  constructor(service: string) {
    this.#service = service;
  }

  add(application: Application, usage: Usage, at: number, codes: readonly string[]): void {
    const minute = windowStart('minute', at);
    const sets = [...usage.values()].some((amount) => amount.set);
    if (sets) {
      this.#open.delete(application.id);
      this.#entries.push(this.#single(application.id, usage, minute, codes));
      return;
    }
    const amounts = [...usage].filter(([, amount]) => !isNothing(amount));
    if (amounts.length === 0) return;
    const sum = this.#sumFor(application.id, minute, usage);
    for (const [metric, amount] of amounts) increase(sum.amounts, metric.id, amount.value);
    for (const code of codes) increase(sum.codes, code, 1n);
  }

  entries(): readonly BatchEntry[] {
    return this.#entries.map((entry) => ('amounts' in entry ? this.#close(entry) : entry));
  }

  #sumFor(application: string, minute: number, usage: Usage): Sum {
    const minutes = this.#open.get(application) ?? new Map<number, Sum>();
    const known = minutes.get(minute);
    if (known !== undefined && fits(known, usage)) return known;
    const sum: Sum = { application, at: minute, amounts: new Map(), codes: new Map() };
    this.#open.set(application, minutes.set(minute, sum));
    this.#entries.push(sum);
    return sum;
  }

  #single(application: string, usage: Usage, at: number, codes: readonly string[]): BatchEntry {
    const additions: BatchAddition[] = [];
    for (const [metric, amount] of usage) {
      if (isNothing(amount)) continue;
      additions.push({ metric: metric.id, use: amount.value, take: amount.value, set: amount.set });
    }
    return { service: this.#service, application, at, additions, codes: codes.map((code) => ({ code, use: 1n })) };
  }

  #close(sum: Sum): BatchEntry {
    return {
      service: this.#service,
      application: sum.application,
      at: sum.at,
      additions: [...sum.amounts].map(([metric, value]) => ({ metric, use: value, take: value, set: false })),
      codes: [...sum.codes].map(([code, use]) => ({ code, use })),
    };
  }
}

function fits(sum: Sum, usage: Usage): boolean {
  for (const [metric, amount] of usage) {
    if ((sum.amounts.get(metric.id) ?? 0n) + amount.value > MAX_COUNTER) return false;
  }
  return true;
}

function increase(counters: Map<string, bigint>, name: string, by: bigint): void {
  counters.set(name, (counters.get(name) ?? 0n) + by);
}
