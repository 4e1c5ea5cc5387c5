import type { Cells, ReadableCells } from './cells.ts';
import type { Fence } from './fence.ts';

/** Configuration, logs and what concerns no single application. */
export const COMMON = -1;

/** Where transactions run: what the embedded and the memory store differ in. A shard is a number below `shards`, or COMMON. */
export interface Runner {
  readonly shards: number;
  /** Runs a transaction alone, all or nothing (nothing when it throws); answers when what it wrote is durable. */
  write<T>(shard: number, transaction: (cells: Cells) => T): Promise<T>;
  read<T>(shard: number, query: (cells: ReadableCells) => T): T;
  fence(shard: number): Fence;
}

/** The latest time for which anything was counted or granted since the start: nothing is swept as older before that. */
export class Horizon {
  #latest = 0;

  note(at: number): void {
    if (at > this.#latest) this.#latest = at;
  }

  /** Where sweeping stands when the clock says `now`: the clock that dates usage may be another one, or stand still. */
  until(now: number): number {
    return Math.min(now, this.#latest);
  }
}
