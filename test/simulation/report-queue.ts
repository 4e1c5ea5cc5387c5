import { applyReport } from '../../backend/jobs/apply-report.ts';
import { outageBackoff } from '../../backend/jobs/queues.ts';
import { decodeReport } from '../../backend/jobs/report-job.ts';
import type { ReportJob } from '../../backend/jobs/report-job.ts';
import type { World } from './world.ts';

/** The queue is in the shard of the configuration. */
const SHARD = -1;
/** A job whose worker died is given to another after this long, ms. */
const STALLED_AFTER = 400;

export interface Job {
  readonly data: ReportJob;
  /** In the queue: not known to be done. */
  waiting: boolean;
  attempts: number;
  /** Applied durably at least once. */
  done: boolean;
  readonly completed: (job: Job) => void;
}

interface Change {
  readonly at: number;
  readonly undo: () => void;
}

/** A queue as BullMQ's: durable when the replicas have it, each job at least once, in no order; its failovers forget additions and completions. */
export class SimulatedQueue {
  readonly #world: World;
  #changes: Change[] = [];
  readonly #open = new Set<Job>();
  runs = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Nothing waits. */
  get idle(): boolean {
    for (const job of this.#open) {
      if (job.waiting) return false;
      this.#open.delete(job);
    }
    return true;
  }

  /** Resolves when it is durable; rejects when that is not known. Then it may be in the queue all the same. */
  async add(job: Job): Promise<void> {
    const { store, timeline, random } = this.#world;
    store.reach(SHARD);
    job.waiting = true;
    this.#open.add(job);
    this.#changed(() => (job.waiting = false));
    timeline.after(random.exponential(15), () => this.#run(job));
    if (random.chance(0.05)) timeline.after(random.exponential(1_500), () => this.#run(job, true));
    await store.confirm(SHARD);
  }

  /** A failover: what happened since `stalled` (true time) did not. Jobs that were completed come back, as BullMQ's do. */
  forget(stalled: number): void {
    const undone = this.#changes.filter(({ at }) => at >= stalled);
    this.#changes = this.#changes.filter(({ at }) => at < stalled);
    for (const { undo } of undone.toReversed()) undo();
  }

  /** Some worker takes it. `late`: one that was thought dead, and was not. */
  #run(job: Job, late = false): void {
    if (!job.waiting && !late) return;
    const { timeline, random } = this.#world;
    if (random.chance(0.03)) {
      timeline.after(STALLED_AFTER, () => this.#run(job));
      return;
    }
    timeline.unsettle();
    this.runs += 1;
    void this.#work(job, late);
  }

  async #work(job: Job, late: boolean): Promise<void> {
    const { store, timeline, random, observer } = this.#world;
    const { identity, entries } = decodeReport(job.data);
    const errors = { record: async () => observer.violate('fault', 'an entry of a report was set aside') };
    try {
      const { result } = await applyReport({ counters: store.store.counters, errors }, identity, entries);
      if (result === 'conflict') observer.violate('fault', 'a report is in conflict with itself');
      job.done = true;
      // The worker dies before it can say so.
      if (late || random.chance(0.03)) {
        timeline.after(STALLED_AFTER, () => this.#run(job));
        return;
      }
      store.reach(SHARD);
      this.#complete(job);
    } catch {
      job.attempts += 1;
      timeline.after(outageBackoff(job.attempts), () => this.#run(job));
    }
  }

  #complete(job: Job): void {
    if (!job.waiting) return;
    job.waiting = false;
    this.#changed(() => {
      job.waiting = true;
      this.#open.add(job);
      this.#world.timeline.after(STALLED_AFTER, () => this.#run(job));
    });
    job.completed(job);
  }

  #changed(undo: () => void): void {
    this.#changes.push({ at: this.#world.timeline.now, undo });
    if (this.#changes.length > 2_000) this.#changes.splice(0, 1_000);
  }
}
