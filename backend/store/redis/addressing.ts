import { LRUCache } from 'lru-cache';
import { windowStart } from '../../../shared/period.ts';
import { TOP_PERIODS } from '../windows.ts';
import type { Retention } from '../windows.ts';
import { momentOf, ownerName, topKey, windowKey } from './keys.ts';
import type { Moment, WindowHash } from './keys.ts';
import { encodeArguments } from './wire.ts';
import type { Arguments } from './wire.ts';

/** Where the counters of one application at one time lie. */
export interface Place {
  /** One for each of the seven periods. */
  readonly slots: readonly string[];
  /** The five hashes of the application, and of the service. */
  readonly windows: readonly string[];
  readonly totals: readonly string[];
  /** How long the hashes live from now, seconds as text; empty: for ever. */
  readonly lives: readonly string[];
  /** Top sets of a metric, for the periods that have one. */
  top(metric: string): readonly string[];
}

/** A moment as it is counted at some second. */
export interface DatedMoment extends Moment {
  /** Of the second. */
  readonly second: number;
  /** How long the hashes live from then, seconds as text; empty: for ever. */
  readonly lives: readonly string[];
  /** Slots and lives, as arguments of a script. */
  readonly encoded: Arguments;
}

/** Minutes that are remembered. */
const MAX_MOMENTS = 256;

/** Works out places; moments of the same minute are worked out once. */
export class Addressing {
  readonly #retention: Retention;
  readonly #moments = new LRUCache<number, Moment>({ max: MAX_MOMENTS });
  readonly #dated = new LRUCache<number, DatedMoment>({ max: MAX_MOMENTS });

  constructor(retention: Retention) {
    this.#retention = retention;
  }

  /** `now` is of the same clock as `at`, which need not be that of the Redis server: lives are spans, not moments. */
  place(tag: string, service: string, application: string, at: number, now: number): Place {
    const moment = this.momentOf(at);
    const own = ownerName(service, application);
    const all = ownerName(service, null);
    return {
      slots: moment.slots,
      windows: moment.hashes.map((hash) => windowKey(tag, hash, own)),
      totals: moment.hashes.map((hash) => windowKey(tag, hash, all)),
      lives: moment.hashes.map((hash) => lifeOf(hash, now)),
      top: (metric) => TOP_PERIODS.map((period) => topKey(tag, service, metric, period, windowStart(period, at))),
    };
  }

  momentOf(at: number): Moment {
    const minute = windowStart('minute', at);
    const known = this.#moments.get(minute);
    if (known !== undefined) return known;
    const moment = momentOf(minute, this.#retention);
    this.#moments.set(minute, moment);
    return moment;
  }

  /** `minute` is the start of one; `now` as for `place`. */
  dated(minute: number, now: number): DatedMoment {
    const second = Math.floor(now / 1_000);
    const known = this.#dated.get(minute);
    if (known?.second === second) return known;
    const moment = this.momentOf(minute);
    const lives = moment.hashes.map((hash) => lifeOf(hash, now));
    const dated = { ...moment, second, lives, encoded: encodeArguments([...moment.slots, ...lives]) };
    this.#dated.set(minute, dated);
    return dated;
  }
}

/** What is counted late, or under another clock than the server's, stays for this long at least, s. */
const SHORTEST_LIFE = 3_600;

/** Seconds that a hash lives from `now`, as text; empty: for ever. */
export function lifeOf({ expires }: WindowHash, now: number): string {
  return expires === null ? '' : String(Math.max(SHORTEST_LIFE, expires - Math.floor(now / 1_000)));
}
