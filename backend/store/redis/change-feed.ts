import { asJson } from '../encoding.ts';
import type { Codec } from '../encoding.ts';
import type { DocumentKey } from '../store.ts';

export type ChangeListener = (version: number | null, keys: readonly DocumentKey[]) => void;

/** Versions heard ahead of one that is still missing; beyond that the missing one is given up. */
const MAX_AHEAD = 1_000;

const messages: Codec<[version: number, keys: DocumentKey[] | null]> = asJson;

/**
 * Tells listeners what changed, each version once. Changes are heard on a channel, where messages may be lost or come
 * late; that one was missed is seen by its version, and told as `null`: drop every cache.
 */
export class ChangeFeed {
  readonly #listeners = new Set<ChangeListener>();
  /** Every version up to this one was told, or given up; null before the first is known. */
  #told: number | null = null;
  readonly #ahead = new Set<number>();
  /** What `told` was when the version was last asked for and found ahead. */
  #behindSince: number | null = null;
  readonly #onLost: () => void;

  /** `onLost` is called when the store's mark was found missing. */
  constructor(onLost: () => void) {
    this.#onLost = onLost;
  }

  /** The highest version that is known. */
  get version(): number {
    return Math.max(this.#told ?? 0, ...this.#ahead);
  }

  subscribe(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  lost(): void {
    this.#onLost();
  }

  /** A message from the channel. */
  hear(message: string): void {
    const [version, keys] = messages.read(message);
    if (keys !== null) this.note(version, keys);
    else if (version > this.version) this.missed(version);
  }

  /** A change, heard or made in this process. */
  note(version: number, keys: readonly DocumentKey[]): void {
    this.#told ??= version - 1;
    if (version <= this.#told || this.#ahead.has(version)) return;
    this.#ahead.add(version);
    while (this.#ahead.delete(this.#told + 1)) this.#told += 1;
    this.#tell(version, keys);
    if (this.#ahead.size > MAX_AHEAD) this.missed(this.version);
  }

  /** The version as it was asked for: a message that has not come by the next time is given up. */
  poll(version: number): void {
    this.#told ??= version;
    if (version < this.#told) {
      // The store has gone back.
      this.missed(version);
    } else if (version > this.#told && this.#behindSince === this.#told) {
      this.missed(version);
    } else {
      this.#behindSince = version > this.#told ? this.#told : null;
    }
  }

  /** Anything up to `version` may have changed. */
  missed(version: number): void {
    this.#told = version;
    this.#ahead.clear();
    this.#behindSince = null;
    this.#tell(null, []);
  }

  #tell(version: number | null, keys: readonly DocumentKey[]): void {
    for (const listener of this.#listeners) listener(version, keys);
  }
}
