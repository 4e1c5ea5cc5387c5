import type { HeartbeatAnswer } from '../../shared/wire/heartbeat.ts';

/** Applications whose newest version is kept one by one; older ones fall into the floor. */
const MAX_NAMED = 20_000;
const EVERY_APPLICATION = '*';

/**
 * What the heartbeats named (protocol R6, R15): the version from which an answer about an application is up to date,
 * and when the newest heartbeat was sent that found nothing newer. Versions count within one store identity.
 */
export class ConfigurationVersions {
  /** Identity and version up to which everything was named; null before the first heartbeat. */
  store: string | null = null;
  version: number | null = null;
  /** Monotonic time at which the newest answered heartbeat was sent: it confirms all that is up to date. */
  confirmedAt = -Infinity;
  /** Anything decided under an older version must be asked again. */
  #floor = 0;
  readonly #services = new Map<string, number>();
  readonly #applications = new Map<string, Map<string, number>>();
  #named = 0;

  /** The version below which a decision about the application is out of date; null: not known yet under this identity. */
  required(service: string, application: string): number {
    const all = this.#services.get(service) ?? 0;
    const own = this.#applications.get(service)?.get(application) ?? 0;
    return Math.max(this.#floor, all, own);
  }

  /** Another store: its versions have nothing to do with the old ones, and nothing is confirmed under it yet. */
  reset(): void {
    this.store = null;
    this.version = null;
    this.confirmedAt = -Infinity;
    this.#floor = 0;
    this.#clear();
  }

  /** A heartbeat's answer under the current identity, sent at `sentAt`. Late and doubled answers do no harm. */
  hear(answer: HeartbeatAnswer, sentAt: number): void {
    this.store = answer.store;
    this.version = Math.max(this.version ?? 0, answer.version);
    if (answer.all) {
      this.#floor = Math.max(this.#floor, answer.version);
    } else {
      for (const change of answer.changed) this.#name(change.service, change.application, change.version);
      if (this.#named > MAX_NAMED) this.#raiseFloor();
    }
    this.confirmedAt = Math.max(this.confirmedAt, sentAt);
  }

  #name(service: string, application: string, version: number): void {
    if (application === EVERY_APPLICATION) {
      this.#services.set(service, Math.max(this.#services.get(service) ?? 0, version));
      return;
    }
    const ofService = this.#applications.get(service) ?? new Map<string, number>();
    this.#applications.set(service, ofService);
    const known = ofService.get(application);
    if (known === undefined) this.#named += 1;
    if (known === undefined || known < version) ofService.set(application, version);
  }

  /** Too many to keep apart: whatever was decided before the newest of them is asked again. */
  #raiseFloor(): void {
    this.#floor = Math.max(this.#floor, this.version ?? 0);
    this.#clear();
  }

  #clear(): void {
    this.#services.clear();
    this.#applications.clear();
    this.#named = 0;
  }
}
