import type { Clock } from '../../../shared/clock.ts';
import { shardOf } from '../encoding.ts';
import { readCursor, writeCursor } from '../listing.ts';
import type { ApplicationRef, LeaseCommand, LeaseRecord, LeaseReply, Leases } from '../store.ts';
import { checkLease, checkTime } from '../validation.ts';
import { readVersion } from './documents.ts';
import { listLeases, noteLiving, noteShort, readLiving, readShort, releaseLeases } from './lease-queries.ts';
import { runLease } from './leases.ts';
import type { LeaseOutcome } from './leases.ts';
import { COMMON } from './runner.ts';
import type { Horizon, Runner } from './runner.ts';

/** Leases on cells. */
export class CellLeases implements Leases {
  readonly #runner: Runner;
  readonly #clock: Clock;
  readonly #horizon: Horizon;

  constructor(runner: Runner, clock: Clock, horizon: Horizon) {
    this.#horizon = horizon;
    this.#runner = runner;
    this.#clock = clock;
  }

  async run(commands: readonly LeaseCommand[]): Promise<readonly LeaseReply[]> {
    for (const command of commands) checkLease(command);
    for (const { at } of commands) this.#horizon.note(at);
    const outcomes = await Promise.all(commands.map(async (command) => this.#run(command)));
    const short = commands.filter((_command, index) => (outcomes[index]?.short.length ?? 0) > 0);
    if (short.length > 0) await this.#noteShort(commands, outcomes);
    return outcomes.map(({ reply }) => reply);
  }

  async heartbeat(epoch: string, at: number): Promise<number> {
    checkTime(at);
    this.#horizon.note(at);
    return this.#runner.write(COMMON, (cells) => {
      noteLiving(cells, epoch, at);
      return readVersion(cells);
    });
  }

  async living(at: number, milliseconds: number): Promise<readonly string[]> {
    return this.#runner.read(COMMON, (cells) => readLiving(cells, at, milliseconds));
  }

  async scarce(epoch: string): Promise<readonly ApplicationRef[]> {
    return this.#runner.read(COMMON, (cells) => readShort(cells, epoch, this.#clock.now()));
  }

  async list(
    cursor: string | null,
    limit: number,
  ): Promise<{ readonly leases: readonly LeaseRecord[]; readonly cursor: string | null }> {
    const [first, after] = readCursor(cursor);
    const leases: LeaseRecord[] = [];
    for (let shard = first; shard < this.#runner.shards; shard++) {
      const from = shard === first ? after : null;
      const now = this.#clock.now();
      const found = this.#runner.read(shard, (cells) => listLeases(cells, from, limit - leases.length, now));
      leases.push(...found.map(({ record }) => record));
      if (leases.length >= limit) return { leases, cursor: writeCursor(shard, found.at(-1)?.key ?? '') };
    }
    return { leases, cursor: null };
  }

  async release(epoch: string): Promise<number> {
    let released = 0;
    for (let shard = 0; shard < this.#runner.shards; shard++) {
      const now = this.#clock.now();
      released += await this.#runner.write(shard, (cells) => releaseLeases(cells, epoch, now));
    }
    return released;
  }

  #run(command: LeaseCommand): Promise<LeaseOutcome> {
    const shard = shardOf(command, this.#runner.shards);
    return this.#runner.write(shard, (cells) => runLease(cells, command, this.#runner.fence(shard)));
  }

  async #noteShort(commands: readonly LeaseCommand[], outcomes: readonly LeaseOutcome[]): Promise<void> {
    const now = this.#clock.now();
    await this.#runner.write(COMMON, (cells) => {
      for (const [index, command] of commands.entries()) {
        for (const epoch of outcomes[index]?.short ?? []) noteShort(cells, epoch, command, now);
      }
    });
  }
}
