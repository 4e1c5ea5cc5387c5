import type { Period } from '../../shared/period.ts';
import type { AuthorizeMessage } from '../../shared/wire/authorize.ts';
import type { Authorization, GatewayConfiguration, MetricLimits } from '../../backend/leases/contract.ts';
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

/** Another plan: other limits, sometimes in other periods. */
export function changedLimits(random: Random, limits: readonly Limit[]): readonly Limit[] {
  const changed = limits.map((limit) => {
    if (limit.max === 0) return limit;
    return { ...limit, max: Math.max(1, Math.ceil(limit.max * random.between(0.3, 1.5))) };
  });
  if (random.chance(0.15)) return changed.slice(1);
  if (random.chance(0.15) && !changed.some(({ metric, period }) => metric === 'hits' && period === 'minute')) {
    return [...changed, { metric: 'hits', period: 'minute', max: random.integer(5, 400) }];
  }
  return changed;
}

interface View {
  limits: readonly Limit[];
}

/** What one backend knows of the configuration: a little late. */
export class BackendView implements GatewayConfiguration {
  /** Every change up to this version is known here. */
  version: number;
  /** True time at which the last change on its way becomes known. */
  #learnsAt = 0;
  readonly #applications = new Map<string, View>();
  readonly #byKey = new Map<string, string>();

  constructor(applications: readonly Application[], version: number) {
    this.version = version;
    for (const { id, key, limits } of applications) {
      this.#applications.set(id, { limits });
      this.#byKey.set(key, id);
    }
  }

  /** Changes become known in their order: when will one that takes until `at`? */
  learnsAt(at: number): number {
    this.#learnsAt = Math.max(this.#learnsAt, at);
    return this.#learnsAt;
  }

  learn(application: string, limits: readonly Limit[], version: number): void {
    if (version <= this.version) return;
    this.version = version;
    this.#applications.set(application, { limits });
  }

  /** The limits as this backend knows them. */
  known(application: string): readonly Limit[] {
    return this.#applications.get(application)?.limits ?? [];
  }

  authenticate(): Promise<ReadonlySet<string>> {
    return Promise.resolve(new Set([SERVICE]));
  }

  limits(_service: string, application: string, metric: string): Promise<MetricLimits | null> {
    return Promise.resolve(this.#limits(application, metric));
  }

  authorize({ credentials, metrics }: AuthorizeMessage): Promise<Authorization> {
    const { version } = this;
    const application = credentials.kind === 'user_key' ? this.#byKey.get(credentials.userKey) : undefined;
    if (application === undefined) return Promise.resolve({ denied: 'user_key_invalid', version, byReferrer: false });
    const terms = metrics.map((metric) => this.#limits(application, metric));
    return Promise.resolve({
      denied: null,
      version,
      application,
      plan: null,
      byReferrer: false,
      ttl: 3_600_000,
      metrics: terms,
    });
  }

  #limits(application: string, metric: string): MetricLimits | null {
    const view = this.#applications.get(application);
    const chain = CHAINS.get(metric);
    if (view === undefined || chain === undefined) return null;
    const bounds = limitsOn(view.limits, metric).map((limit) => ({
      ...limit,
      name: limit.metric,
      max: BigInt(limit.max),
    }));
    return { version: this.version, chain, names: chain, bounds };
  }
}
