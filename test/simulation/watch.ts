import { counterKey } from '../../backend/store/transactions/counter-cells.ts';
import { shardOf } from '../../backend/store/encoding.ts';
import type { BatchEntry, LeaseCommand } from '../../backend/store/store.ts';
import type { MemoryStore } from '../../backend/store/memory/store.ts';
import { PERIODS, windowStart } from '../../shared/period.ts';
import type { Period } from '../../shared/period.ts';
import type { Observer } from './observer.ts';
import { CHAINS, SERVICE } from './plans.ts';
import type { Application } from './plans.ts';

/** Something that the store did, which a failover may undo. */
interface Effect {
  readonly position: number;
  readonly undo: () => void;
}

interface Touched {
  readonly application: string;
  readonly at: number;
}

/**
 * Sits between the backends and the store and looks at every write: no grant lifts `taken` above a limit, and what is
 * counted never passes what is on some disk, was called for directly or reported.
 */
export class StoreWatch {
  readonly #store: MemoryStore;
  readonly #observer: Observer;
  readonly #applications: ReadonlyMap<string, Application>;
  readonly #effects = new Map<number, Effect[]>();
  readonly #shards = new Map<string, number>();
  /** The store forgets nothing: then what is held was taken. */
  readonly #strict: boolean;
  readonly #reporters = new Set<string>();
  #touched: Touched[] = [];

  constructor(store: MemoryStore, observer: Observer, applications: readonly Application[], strict: boolean) {
    this.#strict = strict;
    this.#store = store;
    this.#observer = observer;
    this.#applications = new Map(applications.map((application) => [application.id, application]));
    this.#watchLeases();
    this.#watchBatches();
  }

  used(application: string, metric: string, period: Period, at: number): number {
    return this.#read('u', application, metric, period, at) ?? 0;
  }

  /** Missing means: as used. */
  taken(application: string, metric: string, period: Period, at: number): number {
    return this.#read('t', application, metric, period, at) ?? this.used(application, metric, period, at);
  }

  /** An epoch whose batches are reports. */
  reporter(epoch: string): string {
    this.#reporters.add(epoch);
    return epoch;
  }

  /** To be looked at when the step is over. */
  touch(application: string, at: number): void {
    this.#touched.push({ application, at });
  }

  /** The last write of the application's shard had an effect that goes with it. */
  keep(application: string, undo: () => void): void {
    const shard = this.shardOf(application);
    const effects = this.#effects.get(shard) ?? [];
    this.#effects.set(shard, effects);
    effects.push({ position: this.#store.snapshot().get(shard) ?? 0, undo });
  }

  /** A failover: what the shard wrote beyond `kept` never happened. */
  forget(shard: number, kept: number): void {
    const effects = this.#effects.get(shard) ?? [];
    for (const { position, undo } of effects.toReversed()) if (position > kept) undo();
    this.#effects.set(shard, []);
  }

  shardOf(application: string): number {
    let shard = this.#shards.get(application);
    if (shard === undefined) {
      shard = shardOf({ service: SERVICE, application }, this.#store.counters.shards);
      this.#shards.set(application, shard);
    }
    return shard;
  }

  /** The step is over. */
  check(): void {
    const touched = this.#touched;
    if (touched.length === 0) return;
    this.#touched = [];
    const known = new Set<string>();
    for (const { application, at } of touched) {
      // Entries of one application and minute need one look.
      const key = `${application} ${windowStart('minute', at)}`;
      if (known.has(key)) continue;
      known.add(key);
      for (const metric of CHAINS.keys())
        for (const period of PERIODS) this.#checkCounter(application, metric, period, at);
    }
  }

  #checkCounter(application: string, metric: string, period: Period, at: number): void {
    const used = this.used(application, metric, period, at);
    const most = this.#observer.mostNow(application, metric, period, at);
    if (used <= most) return;
    this.#observer.violate('twice', `${application} ${metric} ${period}: ${used} counted, of at most ${most}`);
  }

  #watchLeases(): void {
    const { leases } = this.#store;
    const run = leases.run.bind(leases);
    leases.run = async (commands) => {
      const before = commands.map((command) => this.#levels(command));
      const running = run(commands);
      const after = commands.map((command) => this.#levels(command));
      const replies = await running;
      replies.forEach(({ ceiling }, index) => {
        const command = commands[index];
        if (command === undefined || ceiling <= command.held) return;
        if (this.#strict || commands.filter(({ application }) => application === command.application).length === 1)
          this.#checkGrant(command, before[index] ?? [], after[index] ?? []);
      });
      return replies;
    };
  }

  #levels({ application, bounds, at }: LeaseCommand): number[] {
    return bounds.map(({ metric, period }) => this.taken(application, metric, period, at));
  }

  /** More than was held was given: then it has to fit. */
  #checkGrant({ bounds, application, metric, number }: LeaseCommand, before: number[], levels: number[]): void {
    levels.forEach((after, index) => {
      const bound = bounds[index];
      if (bound === undefined || after <= (before[index] ?? 0) || after <= Number(bound.max)) return;
      const counter = `${bound.metric} ${bound.period}`;
      this.#observer.violate(
        'grant',
        `lease ${number} of ${application} ${metric}: ${counter} ${after} > ${bound.max}`,
      );
    });
  }

  #watchBatches(): void {
    const { counters } = this.#store;
    const apply = counters.apply.bind(counters);
    counters.apply = async (parts) => {
      const reported = parts.flatMap(({ epoch, entries }) => (this.#reporters.has(epoch) ? entries : []));
      const before = reported.map((entry) => this.#levelsOf(entry));
      const applied = apply(parts);
      before.forEach((levels) => this.#tookReport(levels));
      for (const { entries } of parts) for (const { application, at } of entries) this.touch(application, at);
      return applied;
    };
  }

  /** Counters of a reported entry and their values before it. */
  #levelsOf({ application, at, additions }: BatchEntry): Levels {
    const set = additions.some((addition) => addition.set);
    const counters = additions.flatMap(({ metric }) =>
      PERIODS.map((period) => ({ metric, period, before: this.used(application, metric, period, at) })),
    );
    return { application, at, set, counters };
  }

  /** A report moved the counters. What a set is worth is known by that alone: then it is part of what is to be counted (R17). */
  #tookReport({ application, at, set, counters }: Levels): void {
    const observer = this.#observer;
    for (const { metric, period, before } of counters) {
      const change = this.used(application, metric, period, at) - before;
      if (change === 0) continue;
      const move = (by: number): void => {
        if (set) observer.moved(application, metric, period, at, by);
        else observer.admitted.move(application, metric, period, at, by);
      };
      move(change);
      this.keep(application, () => move(-change));
    }
    this.#inherit(application, at);
  }

  /** Reports may lift `taken` above a limit; what was leased before is spent nevertheless. */
  #inherit(application: string, at: number): void {
    for (const { metric, period } of this.#applications.get(application)?.limits ?? []) {
      this.#observer.allowUpTo(application, metric, period, at, this.taken(application, metric, period, at));
    }
  }

  #read(account: 'u' | 't', application: string, metric: string, period: Period, at: number): number | null {
    const start = windowStart(period, at);
    const text = this.#store.peek(
      this.shardOf(application),
      counterKey(account, period, start, SERVICE, application, metric),
    );
    return text === undefined ? null : Number(text);
  }
}

interface Levels {
  readonly application: string;
  readonly at: number;
  readonly set: boolean;
  readonly counters: readonly { readonly metric: string; readonly period: Period; readonly before: number }[];
}
