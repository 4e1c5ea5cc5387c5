import { isObject, number, text } from '../configuration/records/fields.ts';
import type { Lookup } from '../configuration/lookup.ts';
import { resolveReport } from '../domain/report.ts';
import type { Application } from '../domain/model.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Reports } from '../jobs/contract.ts';
import type { DocumentKey, Logs } from '../store/store.ts';

export interface ProviderCalls {
  readonly authorizations: number;
  readonly transactions: number;
}

export interface ProviderAccountingDeps {
  readonly lookup: Lookup;
  readonly logs: Logs;
  readonly reports: Reports;
  readonly clock: Clock;
}

/** Calls that wait to be counted; when there are more, the oldest are dropped. */
const MAX_PENDING = 1_000_000;
/** Calls that are counted in one report. */
const PAGE = 10_000;
/** How long one process may hold the turn to count, ms. */
const TURN = 30_000;
const PENDING: DocumentKey = ['provider-calls'];
const TURN_FLAG: DocumentKey = ['provider-calls-turn'];

/** Metrics of the master service that count calls (contract section 13). */
const AUTHORIZATIONS = 'transactions/authorize';
const TRANSACTIONS = 'transactions';

/**
 * Counts the calls of each provider on a master service, for those who bill providers (contract section 13). A
 * provider is an application of that service whose user key is the provider key. Calls are noted in the store at once
 * and counted in batches.
 */
export class ProviderAccounting {
  readonly #master: string;
  readonly #deps: ProviderAccountingDeps;

  /** `master`: id of the master service. */
  constructor(master: string, deps: ProviderAccountingDeps) {
    this.#master = master;
    this.#deps = deps;
  }

  /** `provider` is the id of lookup.provider; one without an application of the master service is not counted. */
  async count(provider: string, calls: ProviderCalls): Promise<void> {
    const application = await this.#deps.lookup.applicationWithDigest(this.#master, provider);
    if (application !== null) await this.#deps.logs.append(PENDING, { application, ...calls }, MAX_PENDING);
  }

  /** Counts what is pending. One process at a time does it; another finds nothing to do. */
  async flush(): Promise<void> {
    if (!(await this.#deps.logs.setOnce(TURN_FLAG, TURN))) return;
    try {
      let more = true;
      while (more) more = await this.#flushPage();
    } finally {
      await this.#deps.logs.clearFlag(TURN_FLAG);
    }
  }

  /** True when there may be more. */
  async #flushPage(): Promise<boolean> {
    const total = await this.#deps.logs.count(PENDING);
    const items = await this.#deps.logs.range(PENDING, Math.max(0, total - PAGE), PAGE);
    const newest = items[0];
    if (newest === undefined) return false;
    const sums = new Map<string, { authorizations: number; transactions: number }>();
    for (const { item } of items) {
      if (!isObject(item)) continue;
      const application = text(item, 'application') ?? '';
      const sum = sums.get(application) ?? { authorizations: 0, transactions: 0 };
      sum.authorizations += number(item, 'authorizations') ?? 0;
      sum.transactions += number(item, 'transactions') ?? 0;
      sums.set(application, sum);
    }
    for (const [application, calls] of sums) await this.#report(application, calls);
    await this.#deps.logs.remove(PENDING, newest.id, true);
    return total > PAGE;
  }

  async #report(applicationId: string, calls: ProviderCalls): Promise<void> {
    const application = await this.#deps.lookup.application(this.#master, applicationId);
    if (application === null) return;
    const usage = usageOf(application, calls);
    if (usage.length === 0) return;
    const transaction = { applicationId, userKey: null, usage, timestamp: null, code: null };
    const report = { service: this.#master, at: this.#deps.clock.now(), flatUsage: false, keepGood: false };
    const { entries } = resolveReport({ ...report, transactions: [transaction] }, [application]);
    await this.#deps.reports.accept(entries);
  }
}

/** Only metrics that the master service has. */
function usageOf(application: Application, calls: ProviderCalls): readonly (readonly [string, string])[] {
  const counted: readonly (readonly [string, number])[] = [
    [AUTHORIZATIONS, calls.authorizations],
    [TRANSACTIONS, calls.transactions],
  ];
  const { metrics } = application.service;
  return counted
    .filter(([name, amount]) => amount > 0 && metrics.named(name) !== undefined)
    .map(([name, amount]) => [name, String(amount)]);
}
