import type { Clock } from '../../../shared/clock.ts';
import type { Period } from '../../../shared/period.ts';
import { byUsage, readCursor, writeCursor } from '../listing.ts';
import { shardOf } from '../encoding.ts';
import type {
  Accounts,
  ApplicationRef,
  AppliedPart,
  BatchPart,
  Counter,
  CounterRef,
  Counters,
  DecideReply,
  DecideRequest,
} from '../store.ts';
import { checkDecide, checkInteger, checkPart, checkTime, checkTop } from '../validation.ts';
import { MAX_TOP } from '../windows.ts';
import { apply } from './apply.ts';
import { decide } from './decide.ts';
import { removeLeases } from './lease-queries.ts';
import type { Horizon, Runner } from './runner.ts';
import { readAccounts, readActive, readSeries, readUsers, removeCounters, seedCounter } from './statistics.ts';

/** Counters on cells. */
export class CellCounters implements Counters {
  readonly shards: number;
  readonly #runner: Runner;
  readonly #clock: Clock;
  readonly #horizon: Horizon;

  constructor(runner: Runner, clock: Clock, horizon: Horizon) {
    this.#horizon = horizon;
    this.shards = runner.shards;
    this.#runner = runner;
    this.#clock = clock;
  }

  shardOf(application: ApplicationRef): number {
    return shardOf(application, this.shards);
  }

  async decide(request: DecideRequest): Promise<DecideReply> {
    checkDecide(request);
    this.#horizon.note(request.at);
    const shard = this.shardOf(request);
    return this.#runner.write(shard, (cells) => decide(cells, request, this.#runner.fence(shard)));
  }

  async apply(parts: readonly BatchPart[]): Promise<readonly AppliedPart[]> {
    for (const part of parts) checkPart(part, this.shards, (entry) => this.shardOf(entry));
    const now = this.#clock.now();
    for (const { entries } of parts) for (const { at } of entries) this.#horizon.note(at);
    return Promise.all(
      parts.map((part) =>
        this.#runner.write(part.shard, (cells) => apply(cells, part, this.#runner.fence(part.shard), now)),
      ),
    );
  }

  async series(
    service: string,
    application: string | null,
    counter: Counter,
    period: Period,
    starts: readonly number[],
  ): Promise<readonly bigint[]> {
    const perShard = this.#shardsOf(service, application).map((shard) =>
      this.#runner.read(shard, (cells) => readSeries(cells, service, application, counter, period, starts)),
    );
    return starts.map((_start, index) => perShard.reduce((sum, values) => sum + (values[index] ?? 0n), 0n));
  }

  async top(
    service: string,
    metric: string,
    period: Period,
    start: number,
    count: number,
  ): Promise<readonly { readonly application: string; readonly value: bigint }[]> {
    checkTop(period);
    return this.#shardsOf(service, null)
      .flatMap((shard) => this.#runner.read(shard, (cells) => readUsers(cells, service, metric, period, start)))
      .filter(({ value }) => value > 0n)
      .toSorted(byUsage)
      .slice(0, Math.min(count, MAX_TOP));
  }

  async accounts(application: ApplicationRef, at: number): Promise<readonly Accounts[]> {
    return this.#runner.read(this.shardOf(application), (cells) => readAccounts(cells, application, at));
  }

  async active(
    service: string,
    cursor: string | null,
    limit: number,
  ): Promise<{ readonly applications: readonly string[]; readonly cursor: string | null }> {
    const [first, after] = readCursor(cursor);
    const applications: string[] = [];
    for (let shard = first; shard < this.shards; shard++) {
      const from = shard === first ? after : null;
      const missing = limit - applications.length;
      applications.push(...this.#runner.read(shard, (cells) => readActive(cells, service, from, missing)));
      if (applications.length >= limit) return { applications, cursor: writeCursor(shard, applications.at(-1) ?? '') };
    }
    return { applications, cursor: null };
  }

  async seed(application: ApplicationRef, counter: CounterRef, start: number, value: bigint): Promise<void> {
    checkTime(start);
    checkInteger(value, 'value');
    const shard = this.shardOf(application);
    await this.#runner.write(shard, (cells) => seedCounter(cells, application, counter, start, value));
  }

  async remove(service: string, application: string | null): Promise<void> {
    for (const shard of this.#shardsOf(service, application)) {
      await this.#runner.write(shard, (cells) => {
        removeLeases(cells, service, application);
        removeCounters(cells, service, application);
      });
    }
  }

  #shardsOf(service: string, application: string | null): readonly number[] {
    if (application !== null) return [this.shardOf({ service, application })];
    return Array.from({ length: this.shards }, (_, shard) => shard);
  }
}
