import { windowStart } from '../../../shared/period.ts';
import { TOP_PERIODS } from '../windows.ts';
import type { Addressing, DatedMoment } from './addressing.ts';
import { activeKey, topKey, windowKey } from './keys.ts';
import { nameOwner } from './owners.ts';
import type { OwnerName } from './owners.ts';
import type { Arguments } from './wire.ts';
import { ArgumentsBuilder } from './wire.ts';

/** The scripts' own keys (owner and marks) come before those of the plan. */
const KEYS_BEFORE = 2;

/** A minute of a batch. */
export interface LaidMoment {
  readonly minute: number;
  /** Its number, from 1. */
  readonly number: number;
  readonly dated: DatedMoment;
  readonly services: Map<string, LaidService>;
}

/** A service in one minute: where its totals, its active applications and its top sets stand among the keys. */
export interface LaidService {
  readonly totals: number;
  readonly active: number;
  readonly tops: Map<string, number>;
}

/** Collects the keys of a batch's script: five windows of an application or service in a row, five top sets of a metric in a row. Positions are those in KEYS. */
export class KeyLayout {
  readonly moments: LaidMoment[] = [];
  readonly #tag: string;
  readonly #addressing: Addressing;
  readonly #now: number;
  readonly #keys = new ArgumentsBuilder();
  readonly #byMinute = new Map<number, LaidMoment>();
  readonly #shared = new Map<string, number>();

  constructor(tag: string, addressing: Addressing, now: number) {
    this.#tag = tag;
    this.#addressing = addressing;
    this.#now = now;
  }

  get keys(): Arguments {
    return this.#keys;
  }

  moment(at: number): LaidMoment {
    const minute = windowStart('minute', at);
    const known = this.#byMinute.get(minute);
    if (known !== undefined) return known;
    const dated = this.#addressing.dated(minute, this.#now);
    const moment = { minute, number: this.moments.length + 1, dated, services: new Map() };
    this.moments.push(moment);
    this.#byMinute.set(minute, moment);
    return moment;
  }

  service(moment: LaidMoment, service: string): LaidService {
    const known = moment.services.get(service);
    if (known !== undefined) return known;
    const active = activeKey(this.#tag, service);
    const laid = {
      totals: this.windows(moment, nameOwner(service, null)),
      active: this.#row(active, () => [active]),
      tops: new Map(),
    };
    moment.services.set(service, laid);
    return laid;
  }

  /** Position of the first of the five windows of an application or service; each call adds them. */
  windows({ dated }: LaidMoment, { name, bytes }: OwnerName): number {
    const position = this.#next;
    for (const hash of dated.hashes) {
      this.#keys.sized(windowKey(this.#tag, hash, name), this.#tag.length + hash.prefix.length + bytes);
    }
    return position;
  }

  /** Position of the first of a metric's top sets. */
  top({ minute }: LaidMoment, service: string, metric: string, { tops }: LaidService): number {
    const known = tops.get(metric);
    if (known !== undefined) return known;
    const starts = TOP_PERIODS.map((period) => topKey(this.#tag, service, metric, period, windowStart(period, minute)));
    // The day's names them all: whatever lies in one day lies in one week, month and year.
    const position = this.#row(starts[0] ?? '', () => starts);
    tops.set(metric, position);
    return position;
  }

  get #next(): number {
    return this.#keys.count + KEYS_BEFORE + 1;
  }

  #row(id: string, keys: () => readonly string[]): number {
    const known = this.#shared.get(id);
    if (known !== undefined) return known;
    const position = this.#next;
    for (const key of keys()) this.#keys.add(key);
    this.#shared.set(id, position);
    return position;
  }
}
