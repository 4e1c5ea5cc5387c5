import { LRUCache } from 'lru-cache';
import { shardOf } from '../encoding.ts';
import type { ApplicationRef } from '../store.ts';
import { ownerName, shardTag, SHARDS } from './keys.ts';

/** What of an application's place never changes. */
export interface Owner {
  readonly shard: number;
  readonly tag: string;
  /** As it stands in the keys of its windows. */
  readonly name: string;
}

/** Applications that are remembered, about 300 bytes each. */
const MAX_KNOWN = 50_000;

/** Keeps what a hash and an encoding would give again in every call. */
export class Owners {
  readonly #known = new LRUCache<string, Owner>({ max: MAX_KNOWN });

  /** Throws a RangeError when the names are too long to be stored. */
  of({ service, application }: ApplicationRef): Owner {
    const key = `${service.length}:${service}${application}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const shard = shardOf({ service, application }, SHARDS);
    const owner = { shard, tag: shardTag(shard), name: ownerName(service, application) };
    this.#known.set(key, owner);
    return owner;
  }

  /** Any names have a shard, also those that cannot be stored. */
  shardOf(application: ApplicationRef): number {
    const { service, application: id } = application;
    return service.length + id.length > SHORT_NAMES ? shardOf(application, SHARDS) : this.of(application).shard;
  }
}

/** Names of together at most so many characters can be stored, whatever they hold. */
const SHORT_NAMES = 250;
