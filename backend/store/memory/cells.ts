import type { Cells } from '../transactions/cells.ts';

/** Writes that can be taken back, per shard. */
const MAX_HISTORY = 100_000;

interface Change {
  readonly key: string;
  /** What was there before. */
  readonly before: string | undefined;
}

/** One shard in memory. It remembers its last 100,000 writes, so that a failover that forgets some of them can be played. */
export class MemoryCells implements Cells {
  readonly #values = new Map<string, string>();
  /** Keys in byte order; null when a key came or went since it was last needed. */
  #sorted: readonly string[] | null = null;
  #history: Change[] = [];
  /** Writes that have left the history. */
  #forgotten = 0;

  /** How many writes there have been. */
  get position(): number {
    return this.#forgotten + this.#history.length;
  }

  get(key: string): string | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: string): void {
    this.#remember(key);
    this.#put(key, value);
  }

  delete(key: string): void {
    this.#remember(key);
    this.#put(key, undefined);
  }

  *range(from: string, to: string): Iterable<readonly [string, string]> {
    this.#sorted ??= [...this.#values.keys()].toSorted(compareBytes);
    const keys = this.#sorted;
    for (let index = firstFrom(keys, from); index < keys.length; index++) {
      const key = keys[index] ?? '';
      if (compareBytes(key, to) >= 0) return;
      yield [key, this.#values.get(key) ?? ''];
    }
  }

  /** Takes back every write after `position`. Throws a RangeError when that is too long ago. */
  rewind(position: number): void {
    if (position < this.#forgotten) throw new RangeError('these writes can no longer be taken back');
    const undone = this.#history.splice(position - this.#forgotten);
    for (const { key, before } of undone.toReversed()) this.#put(key, before);
  }

  clear(): void {
    this.#values.clear();
    this.#sorted = null;
    this.#forgotten += this.#history.length;
    this.#history = [];
  }

  #remember(key: string): void {
    this.#history.push({ key, before: this.#values.get(key) });
    if (this.#history.length < 2 * MAX_HISTORY) return;
    this.#history = this.#history.slice(-MAX_HISTORY);
    this.#forgotten += MAX_HISTORY;
  }

  #put(key: string, value: string | undefined): void {
    if ((value !== undefined) !== this.#values.has(key)) this.#sorted = null;
    if (value === undefined) this.#values.delete(key);
    else this.#values.set(key, value);
  }
}

/** The order of the texts' UTF-8 bytes, which LMDB and Redis sort by; it is that of their code points. */
export function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    if (a.charCodeAt(index) !== b.charCodeAt(index)) {
      return (a.codePointAt(index) ?? 0) - (b.codePointAt(index) ?? 0);
    }
  }
  return a.length - b.length;
}

function firstFrom(keys: readonly string[], from: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareBytes(keys[middle] ?? '', from) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
