import type { Period } from '../../shared/period.ts';
import type { ConfiguredService, Lookup } from '../../backend/configuration/lookup.ts';
import { MetricTable } from '../../backend/domain/metric.ts';
import type { Application as ConfiguredApplication } from '../../backend/domain/model.ts';
import type { VersionedLookup } from '../../backend/leases/configured.ts';
import type { Random } from './random.ts';

export const SERVICE = 'service';
export const TOKEN = 'token';

/** Every metric and what its usage adds to. */
export const CHAINS: ReadonlyMap<string, readonly string[]> = new Map([
  ['hits', ['hits']],
  ['m1', ['m1', 'hits']],
  ['m2', ['m2', 'm1', 'hits']],
  ['free', ['free']],
]);

export interface Limit {
  readonly metric: string;
  readonly period: Period;
  readonly max: number;
}

export interface Application {
  readonly id: string;
  readonly key: string;
  /** In force now: what the last durable change says. */
  limits: readonly Limit[];
  /** Of the change that put them in force. */
  version: number;
  /** True time of the last change whose obedience may still be on its way; -Infinity: none. */
  changedAt: number;
}

export function chainOf(metric: string): readonly string[] {
  return CHAINS.get(metric) ?? [];
}

export function limitsOn(limits: readonly Limit[], metric: string): readonly Limit[] {
  const chain = chainOf(metric);
  return limits.filter((limit) => chain.includes(limit.metric));
}

/** Limits such that some bind and some do not, for an application that gets `rate` requests a second. */
export function randomLimits(random: Random, rate: number): readonly Limit[] {
  const scale = (least: number, most: number): number => Math.max(1, Math.ceil(rate * random.between(least, most)));
  const limits: Limit[] = [];
  if (random.chance(0.7)) limits.push({ metric: 'hits', period: 'minute', max: scale(2, 16) });
  if (random.chance(0.3)) limits.push({ metric: 'hits', period: 'hour', max: scale(4, 30) });
  if (random.chance(0.3)) limits.push({ metric: 'hits', period: 'day', max: scale(4, 30) });
  if (random.chance(0.3)) limits.push({ metric: 'm1', period: 'week', max: scale(1, 12) });
  if (random.chance(0.2)) limits.push({ metric: 'm1', period: 'month', max: scale(1, 12) });
  if (random.chance(0.2)) limits.push({ metric: 'hits', period: 'year', max: scale(8, 30) });
  if (random.chance(0.3)) limits.push({ metric: 'm2', period: 'eternity', max: random.integer(1, 300) });
  if (random.chance(0.1)) limits.push({ metric: 'm2', period: 'minute', max: 0 });
  return limits;
}

/** Another plan: other limits, often just above what is `used`, sometimes in other periods. */
export function changedLimits(
  random: Random,
  limits: readonly Limit[],
  used: (limit: Limit) => number,
): readonly Limit[] {
  const changed = limits.map((limit) => {
    if (limit.max === 0) return limit;
    if (random.chance(0.3)) return { ...limit, max: Math.max(1, used(limit) + random.integer(0, 5)) };
    return { ...limit, max: Math.max(1, Math.ceil(limit.max * random.between(0.3, 1.5))) };
  });
  if (random.chance(0.15)) return changed.slice(1);
  if (random.chance(0.15) && !changed.some(({ metric, period }) => metric === 'hits' && period === 'minute')) {
    return [...changed, { metric: 'hits', period: 'minute', max: random.integer(5, 400) }];
  }
  return changed;
}

const METRICS = new MetricTable([...CHAINS].map(([name, [, parentId = null]]) => ({ id: name, name, parentId })));

/** The one service of the simulation, with user keys. */
const CONFIGURED: ConfiguredService = {
  id: SERVICE,
  active: true,
  backendVersion: '1',
  referrerFiltersRequired: false,
  metrics: METRICS,
  alertLimits: [],
  provider: '',
  providerKey: () => null,
};

const NO_KEYS = { count: () => 0, accepts: () => false, nextExpiry: () => null, list: () => [] };

/** What one backend knows of the configuration: a little late. */
export class BackendView implements VersionedLookup {
  /** Every change up to this version is known here. */
  version: number;
  readonly lookup: Lookup;
  /** True time at which the last change on its way becomes known. */
  #learnsAt = 0;
  readonly #applications = new Map<string, ConfiguredApplication>();

  constructor(applications: readonly Application[], version: number) {
    this.version = version;
    const byKey = new Map<string, string>();
    for (const { id, key, limits } of applications) {
      this.#applications.set(id, configured(id, limits));
      byKey.set(key, id);
    }
    this.lookup = {
      provider: () => null,
      service: (id) => (id === SERVICE ? CONFIGURED : null),
      hasToken: (service, token) => service === SERVICE && token === TOKEN,
      application: (_service, id) => this.#applications.get(id) ?? null,
      applicationWith: (_service, key) => byKey.get(key) ?? null,
      applicationWithDigest: () => null,
    };
  }

  /** Changes become known in their order: when will one that takes until `at`? */
  learnsAt(at: number): number {
    this.#learnsAt = Math.max(this.#learnsAt, at);
    return this.#learnsAt;
  }

  learn(application: string, limits: readonly Limit[], version: number): void {
    if (version <= this.version) return;
    this.version = version;
    this.#applications.set(application, configured(application, limits));
  }

  /** The application as this backend knows it. */
  known(id: string): ConfiguredApplication {
    const application = this.#applications.get(id);
    if (application === undefined) throw new RangeError(`no application ${id}`);
    return application;
  }
}

function configured(id: string, limits: readonly Limit[]): ConfiguredApplication {
  return {
    service: CONFIGURED,
    id,
    state: 'active',
    planName: null,
    redirectUrl: null,
    keys: NO_KEYS,
    referrerFilters: [],
    limits: limits.map(({ metric, period, max }) => ({
      metric,
      period,
      max: BigInt(max),
      source: METRICS.named(metric) ?? null,
    })),
  };
}
