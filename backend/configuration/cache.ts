import { LRUCache } from 'lru-cache';

/** A value that is there, or on its way. */
export type Eventually<T> = T | Promise<T>;

/** Goes on at once when the value is there. */
export function whenThere<T, U>(value: Eventually<T>, proceed: (value: T) => Eventually<U>): Eventually<U> {
  return value instanceof Promise ? value.then(proceed) : proceed(value);
}

export interface CacheBounds {
  readonly entries: number;
  /** "There is none" answers, bounded apart: callers that guess cannot push out what is known. */
  readonly absent: number;
}

/**
 * Answers of the store, kept until something changes. `null` is an answer. Concurrent first requests for a key share
 * one load, and a load that began before a change is not kept.
 */
export class BoundedCache<V extends object> {
  readonly #entries: LRUCache<string, V>;
  readonly #absent: LRUCache<string, true>;
  readonly #loading = new Map<string, Promise<V | null>>();
  #generation = 0;

  /** `dropped` learns of every value that is no longer kept, for whatever reason. */
  constructor(bounds: CacheBounds, dropped: ((value: V) => void) | null = null) {
    this.#entries = new LRUCache({ max: bounds.entries, ...(dropped === null ? {} : { dispose: dropped }) });
    this.#absent = new LRUCache({ max: bounds.absent });
  }

  /** What is kept: undefined when nothing is. */
  peek(key: string): V | null | undefined {
    return this.#entries.get(key) ?? (this.#absent.has(key) ? null : undefined);
  }

  load(key: string, read: () => Promise<V | null>): Promise<V | null> {
    const loading = this.#loading.get(key);
    if (loading !== undefined) return loading;
    const generation = this.#generation;
    const loaded = read()
      .then((value) => {
        if (generation === this.#generation) this.#keep(key, value);
        return value;
      })
      .finally(() => {
        if (this.#loading.get(key) === loaded) this.#loading.delete(key);
      });
    this.#loading.set(key, loaded);
    return loaded;
  }

  drop(key: string): void {
    this.forgetLoads();
    this.#entries.delete(key);
    this.#absent.delete(key);
  }

  clear(): void {
    this.forgetLoads();
    this.#entries.clear();
    this.#absent.clear();
  }

  /** What is being loaded now is not kept and not shared: it may have read what was there before a change. */
  forgetLoads(): void {
    this.#generation++;
    this.#loading.clear();
  }

  #keep(key: string, value: V | null): void {
    if (value === null) this.#absent.set(key, true);
    else this.#entries.set(key, value);
  }
}

/** One text for two parts, whatever they hold. */
export function pairKey(first: string, second: string): string {
  return `${first.length}:${first}${second}`;
}
