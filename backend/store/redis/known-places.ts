import { LRUCache } from 'lru-cache';
import { windowStart } from '../../../shared/period.ts';
import type { ApplicationRef } from '../store.ts';
import type { Addressing, Place } from './addressing.ts';
import { activeKey } from './keys.ts';
import type { Owners } from './owners.ts';
import { encodeArguments } from './wire.ts';
import type { Arguments } from './wire.ts';

/** Applications whose keys are kept; about 3 KiB each. */
const MAX_KNOWN = 10_000;

/** Where the counters of an application lie during one minute, as scripts/decide.lua is told. */
export interface KnownPlace {
  readonly tag: string;
  readonly minute: number;
  /** Keys: the windows of the application; and what is counted beside them. */
  readonly windows: Arguments;
  readonly counted: Arguments;
  /** Arguments: application, slots, lives. */
  readonly head: Arguments;
  /** Keys: the top sets of a metric. */
  top(metric: string): Arguments;
}

/** Keeps the places of applications that are asked about again and again: working one out costs a hash and twenty keys. */
export class KnownPlaces {
  readonly #addressing: Addressing;
  readonly #owners: Owners;
  readonly #known = new LRUCache<string, KnownPlace>({ max: MAX_KNOWN });

  constructor(addressing: Addressing, owners: Owners) {
    this.#addressing = addressing;
    this.#owners = owners;
  }

  at(service: string, application: string, at: number): KnownPlace {
    const minute = windowStart('minute', at);
    const key = `${service.length}:${service}${application}`;
    const known = this.#known.get(key);
    if (known?.minute === minute) return known;
    const { tag } = known ?? this.#owners.of({ service, application });
    const fresh = encodePlace(
      this.#addressing.place(tag, service, application, at, at),
      tag,
      { service, application },
      minute,
    );
    this.#known.set(key, fresh);
    return fresh;
  }
}

function encodePlace(place: Place, tag: string, { service, application }: ApplicationRef, minute: number): KnownPlace {
  const tops = new Map<string, Arguments>();
  return {
    tag,
    minute,
    windows: encodeArguments(place.windows),
    counted: encodeArguments([activeKey(tag, service), ...place.totals]),
    head: encodeArguments([application, ...place.slots, ...place.lives]),
    top(metric) {
      const known = tops.get(metric) ?? encodeArguments(place.top(metric));
      tops.set(metric, known);
      return known;
    },
  };
}
