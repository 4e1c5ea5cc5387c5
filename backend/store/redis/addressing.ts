import { LRUCache } from 'lru-cache';
import { windowStart } from '../../../shared/period.ts';
import { TOP_PERIODS } from '../windows.ts';
import type { Retention } from '../windows.ts';
import { momentOf, ownerName, topKey, windowKey } from './keys.ts';
import type { Moment, WindowHash } from './keys.ts';

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

/** Minutes that are remembered. */
const MAX_MOMENTS = 256;

/** Works out places; moments of the same minute are worked out once. */
export class Addressing {
  readonly #retention: Retention;
  readonly #moments = new LRUCache<number, Moment>({ max: MAX_MOMENTS });

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
}

/** What is counted late, or under another clock than the server's, stays for this long at least, s. */
const SHORTEST_LIFE = 3_600;

/** Seconds that a hash lives from `now`, as text; empty: for ever. */
export function lifeOf({ expires }: WindowHash, now: number): string {
  return expires === null ? '' : String(Math.max(SHORTEST_LIFE, expires - Math.floor(now / 1_000)));
}
