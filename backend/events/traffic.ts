import { LRUCache } from 'lru-cache';
import type { Clock } from '../../shared/clock.ts';
import { pairKey } from '../configuration/cache.ts';
import type { Lookup } from '../configuration/lookup.ts';
import { ALERT_BINS, isWanted, utilizationOf } from '../domain/alerts.ts';
import type { Utilization } from '../domain/alerts.ts';
import type { Application } from '../domain/model.ts';
import { readReports } from '../domain/usage-report.ts';
import type { ApplicationRef, Counters, DocumentKey, Logs } from '../store/store.ts';
import type { EventList } from './event-list.ts';
import { flags } from './flags.ts';
import { utcText } from './utc-text.ts';

const DAY = 86_400_000;
/** "Ever" in the sense of the contract: ten years without traffic and it is first traffic again. */
const EVER = 3650 * DAY;
/** An alert of one bin is raised once in this time. */
const MUTED = DAY;
/** Applications whose traffic of the day is known, so that the store is not asked for each report. */
const MAX_KNOWN = 100_000;
/** Alerts kept beside the events that tell of them; their ids come from this list. */
const MAX_ALERTS = 1000;
const ALERTS: DocumentKey = ['alerts'];

export interface TrafficDeps {
  readonly lookup: Lookup;
  readonly counters: Pick<Counters, 'decide'>;
  readonly logs: Logs;
  readonly events: EventList;
  /** Tells that there are new events; must not wait for anyone. */
  readonly announce: () => void;
  readonly clock: Clock;
}

/** Raises the events that follow from usage: first traffic, first traffic of a day, alerts (contract section 13). */
export class Traffic {
  readonly #deps: TrafficDeps;
  /** The last day of traffic that the store was told of. */
  readonly #known = new LRUCache<string, string>({ max: MAX_KNOWN });

  constructor(deps: TrafficDeps) {
    this.#deps = deps;
  }

  /**
   * Looks at an application that had usage just now. Safe to call any number of times, by any number of processes:
   * every event is raised once. Throws StoreUnavailable.
   */
  async observe(ref: ApplicationRef): Promise<void> {
    const application = await this.#deps.lookup.application(ref.service, ref.application);
    if (application === null) return;
    const at = this.#deps.clock.now();
    const first = await this.#firstTraffic(ref, at);
    const alerted = await this.#alert(application, at);
    if (first || alerted) this.#deps.announce();
  }

  /** Forgets an application that is deleted. */
  async forget(ref: ApplicationRef): Promise<void> {
    const day = dayOf(this.#deps.clock.now());
    const bins = ALERT_BINS.map((bin) => flags.alerted(ref, bin));
    for (const flag of [flags.everUsed(ref), flags.usedOn(ref, day), ...bins]) await this.#deps.logs.clearFlag(flag);
    this.#known.delete(pairKey(ref.service, ref.application));
  }

  /** True when an event was raised. */
  async #firstTraffic(ref: ApplicationRef, at: number): Promise<boolean> {
    const key = pairKey(ref.service, ref.application);
    const day = dayOf(at);
    if (this.#known.get(key) === day) return false;
    const { logs, events } = this.#deps;
    const ever = await logs.setOnce(flags.everUsed(ref), EVER);
    const today = await logs.setOnce(flags.usedOn(ref, day), 2 * DAY);
    const timestamp = utcText(at);
    const object = { service_id: ref.service, application_id: ref.application, timestamp };
    if (ever) await events.append('first_traffic', object, timestamp);
    if (today) await events.append('first_daily_traffic', object, timestamp);
    this.#known.set(key, day);
    return ever || today;
  }

  /** True when an alert was raised. Nothing is looked at while the highest wanted bin is muted. */
  async #alert(application: Application, at: number): Promise<boolean> {
    const { alertLimits } = application.service;
    const highest = alertLimits.at(-1);
    if (highest === undefined || application.limits.length === 0) return false;
    const ref = { service: application.service.id, application: application.id };
    if (await this.#deps.logs.isSet(flags.alerted(ref, highest))) return false;
    const utilization = await this.#utilization(application, at);
    if (utilization === null || !isWanted(utilization, alertLimits)) return false;
    if (!(await this.#deps.logs.setOnce(flags.alerted(ref, utilization.bin), MUTED))) return false;
    await this.#raise(ref, utilization, utcText(at));
    return true;
  }

  async #utilization(application: Application, at: number): Promise<Utilization | null> {
    const reads = application.limits.filter((limit) => limit.source !== null);
    const ref = { service: application.service.id, application: application.id };
    const request = { ...ref, at, bounds: [], additions: [], reads, codes: [], count: false };
    const { values } = await this.#deps.counters.decide(request);
    return utilizationOf(readReports(reads, values, null));
  }

  async #raise(ref: ApplicationRef, utilization: Utilization, timestamp: string): Promise<void> {
    const { logs, events } = this.#deps;
    const alert = {
      utilization: utilization.bin,
      max_utilization: utilization.share,
      application_id: ref.application,
      service_id: ref.service,
      timestamp,
      limit: utilization.limit,
    };
    const id = await logs.append(ALERTS, alert, MAX_ALERTS);
    await events.append('alert', { id, ...alert }, timestamp);
  }
}

/** `YYYYMMDD`, UTC. */
function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10).replaceAll('-', '');
}
