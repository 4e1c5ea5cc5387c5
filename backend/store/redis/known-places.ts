import { LRUCache } from 'lru-cache';
import { windowStart } from '../../../shared/period.ts';
import { shardOf } from '../encoding.ts';
import type { Addressing, Place } from './addressing.ts';
import { SHARDS, activeKey, shardTag } from './keys.ts';

/** Applications whose keys are kept; about 3 KiB each. */
const MAX_KNOWN = 10_000;

/** Where the counters of an application lie during one minute. */
export interface KnownPlace extends Place {
  readonly tag: string;
  readonly minute: number;
  /** Set of the service's applications with usage. */
  readonly active: string;
}

/** Keeps the places of applications that are asked about again and again: working one out costs a hash and twenty keys. */
export class KnownPlaces {
  readonly #addressing: Addressing;
  readonly #known = new LRUCache<string, KnownPlace>({ max: MAX_KNOWN });

  constructor(addressing: Addressing) {
    this.#addressing = addressing;
  }

  at(service: string, application: string, at: number): KnownPlace {
    const minute = windowStart('minute', at);
    const key = `${service.length}:${service}${application}`;
    const known = this.#known.get(key);
    if (known?.minute === minute) return known;
    const tag = known?.tag ?? shardTag(shardOf({ service, application }, SHARDS));
    const place = this.#addressing.place(tag, service, application, at, at);
    const tops = new Map<string, readonly string[]>();
    const fresh: KnownPlace = {
      ...place,
      tag,
      minute,
      active: activeKey(tag, service),
      top(metric) {
        const keys = tops.get(metric) ?? place.top(metric);
        tops.set(metric, keys);
        return keys;
      },
    };
    this.#known.set(key, fresh);
    return fresh;
  }
}
