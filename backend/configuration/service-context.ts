import { LRUCache } from 'lru-cache';
import { PERIODS } from '../../shared/period.ts';
import { MetricTable } from '../domain/metric.ts';
import type { Limit } from '../domain/model.ts';
import type { Documents } from '../store/store.ts';
import { documentKeys } from './document-keys.ts';
import type { ConfiguredService } from './lookup.ts';
import { readAlertLimits } from './repositories/alert-limits.ts';
import { readMetrics } from './records/metrics.ts';
import { readPlan } from './records/plan.ts';
import type { LimitRecord } from './records/plan.ts';
import { readService } from './records/service.ts';
import type { ServiceRecord } from './records/service.ts';
import type { Secrets } from './secrets.ts';

/** Plans of one service whose limits are kept compiled. */
const MAX_PLANS = 1000;

/** A service with its metrics and plans at one version of the configuration. */
export class ServiceContext implements ConfiguredService {
  readonly id: string;
  readonly active: boolean;
  readonly provider: string;
  readonly backendVersion: string | null;
  readonly referrerFiltersRequired: boolean;
  readonly metrics: MetricTable;
  readonly alertLimits: readonly number[];
  readonly #plans = new LRUCache<string, Promise<readonly Limit[]>>({ max: MAX_PLANS });
  readonly #readPlan: (plan: string) => Promise<readonly LimitRecord[]>;
  readonly #openProviderKey: () => string | null;
  #current = true;

  private constructor(
    id: string,
    record: ServiceRecord,
    parts: { readonly metrics: MetricTable; readonly alertLimits: readonly number[] },
    readers: {
      readonly readPlan: (plan: string) => Promise<readonly LimitRecord[]>;
      readonly openProviderKey: () => string | null;
    },
  ) {
    this.id = id;
    this.active = record.active;
    this.provider = record.provider;
    this.backendVersion = record.backendVersion;
    this.referrerFiltersRequired = record.referrerFiltersRequired;
    this.metrics = parts.metrics;
    this.alertLimits = parts.alertLimits;
    this.#readPlan = readers.readPlan;
    this.#openProviderKey = readers.openProviderKey;
  }

  static async load(id: string, documents: Documents, secrets: Secrets): Promise<ServiceContext | null> {
    const keys = [documentKeys.service(id), documentKeys.metrics(id), documentKeys.alertLimits(id)];
    const [service, metrics, alertLimits] = await documents.getMany(keys);
    const record = readService(service);
    if (record === null) return null;
    const parts = { metrics: new MetricTable(readMetrics(metrics)), alertLimits: readAlertLimits(alertLimits) };
    return new ServiceContext(id, record, parts, {
      readPlan: async (plan) => readPlan(await documents.get(documentKeys.plan(id, plan))),
      openProviderKey: () => secrets.open(record.providerKey),
    });
  }

  /** False since something of the service changed: whatever was resolved with it is out of date. */
  get current(): boolean {
    return this.#current;
  }

  retire(): void {
    this.#current = false;
  }

  providerKey(): string | null {
    return this.#openProviderKey();
  }

  /** The limits of a plan, by metric, longest period first. */
  limitsOf(plan: string): Promise<readonly Limit[]> {
    const known = this.#plans.get(plan);
    if (known !== undefined) return known;
    const compiled = this.#readPlan(plan).then((records) => compile(records, this.metrics));
    this.#plans.set(plan, compiled);
    compiled.catch(() => this.#plans.delete(plan));
    return compiled;
  }
}

function compile(records: readonly LimitRecord[], metrics: MetricTable): readonly Limit[] {
  const order = new Map([...metrics.all()].map((metric, i) => [metric.id, i]));
  const place = (limit: Limit) => order.get(limit.metric) ?? order.size;
  return records
    .map((record): Limit => ({ ...record, source: metrics.get(record.metric) ?? null }))
    .toSorted((a, b) => place(a) - place(b) || PERIODS.indexOf(b.period) - PERIODS.indexOf(a.period));
}
