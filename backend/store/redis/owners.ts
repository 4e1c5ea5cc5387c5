import { LRUCache } from 'lru-cache';
import { shardOf } from '../encoding.ts';
import type { ApplicationRef } from '../store.ts';
import { ownerName, shardTag, SHARDS } from './keys.ts';

/** An application or service as it stands in the keys of its windows. */
export interface OwnerName {
  readonly name: string;
  /** Of the name, in UTF-8. */
  readonly bytes: number;
}

/** What of an application's place never changes. */
export interface Owner extends OwnerName {
  readonly shard: number;
  readonly tag: string;
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
    const owner = { shard, tag: shardTag(shard), ...nameOwner(service, application) };
    this.#known.set(key, owner);
    return owner;
  }

  /** Any names have a shard, also those that cannot be stored. */
  shardOf(application: ApplicationRef): number {
    const { service, application: id } = application;
    return service.length + id.length > SHORT_NAMES ? shardOf(application, SHARDS) : this.of(application).shard;
  }
}

/** Throws a RangeError when the names are too long to be stored. `application` null: the service as a whole. */
export function nameOwner(service: string, application: string | null): OwnerName {
  const name = ownerName(service, application);
  return { name, bytes: Buffer.byteLength(name) };
}

/** Names of together at most so many characters can be stored, whatever they hold. */
const SHORT_NAMES = 250;
