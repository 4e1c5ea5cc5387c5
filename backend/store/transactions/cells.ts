/**
 * What the transactions of the embedded and the memory store run on: an ordered map of texts. A transaction is a plain
 * function over it; the Lua scripts of the Redis store are the twins of these functions.
 */
export interface Cells extends ReadableCells {
  set(key: string, value: string): void;
  delete(key: string): void;
}

export interface ReadableCells {
  get(key: string): string | undefined;
  /** Keys from `from` (inclusive) to `to` (exclusive) in the order of their UTF-8 bytes. Inside a transaction: as they were before it. */
  range(from: string, to: string): Iterable<readonly [key: string, value: string]>;
}

/** All keys that begin with `prefix`, when what follows it in a key is JSON. */
export function startingWith(cells: ReadableCells, prefix: string): Iterable<readonly [string, string]> {
  return cells.range(prefix, `${prefix}~`);
}

/** Holds back what a transaction writes until it is over, so that one that throws leaves nothing behind. */
export class PendingCells implements Cells {
  readonly #cells: ReadableCells;
  readonly #writes = new Map<string, string | null>();

  constructor(cells: ReadableCells) {
    this.#cells = cells;
  }

  get(key: string): string | undefined {
    const written = this.#writes.get(key);
    if (written === undefined) return this.#cells.get(key);
    return written ?? undefined;
  }

  range(from: string, to: string): Iterable<readonly [string, string]> {
    return this.#cells.range(from, to);
  }

  set(key: string, value: string): void {
    this.#writes.set(key, value);
  }

  delete(key: string): void {
    this.#writes.set(key, null);
  }

  /** Passes on what was written; null deletes. */
  flush(write: (key: string, value: string | null) => void): void {
    for (const [key, value] of this.#writes) write(key, value);
  }
}

export function readInteger(cells: ReadableCells, key: string): bigint | null {
  const text = cells.get(key);
  return text === undefined ? null : BigInt(text);
}

export function readNumber(cells: ReadableCells, key: string): number {
  return Number(cells.get(key) ?? 0);
}
