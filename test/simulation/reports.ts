import { resolveReport } from '../../backend/domain/report.ts';
import { encodeReport } from '../../backend/jobs/report-job.ts';
import { ReportSequence } from '../../backend/jobs/report-sequence.ts';
import { StoreUnavailable } from '../../backend/store/store.ts';
import type { Backend } from './backend.ts';
import { SERVICE } from './plans.ts';
import type { Application } from './plans.ts';
import { SimulatedQueue } from './report-queue.ts';
import type { Job } from './report-queue.ts';
import type { World } from './world.ts';

/** One transaction of a report: what it counts, unless it sets. */
interface Counted {
  readonly application: Application;
  readonly metric: string;
  readonly at: number;
  readonly amount: number;
}

/** 3scale clients that report what they served (`POST /transactions.xml`): accepted into a queue, applied by workers, once (R12). */
export class ReportingClients {
  readonly queue: SimulatedQueue;
  readonly #world: World;
  /** Of each process of a backend: its own identities. */
  readonly #sequences = new WeakMap<Backend, ReportSequence>();

  constructor(world: World) {
    this.#world = world;
    this.queue = new SimulatedQueue(world);
  }

  async report(): Promise<void> {
    const { random, backends, applications, options } = this.#world;
    const backend = random.pick(backends);
    if (backend.clock.dead) return;
    const sets = random.chance(options.sets);
    const counted = Array.from({ length: sets ? 1 : random.integer(1, 3) }, () => ({
      application: random.pick(applications),
      metric: random.pick(['hits', 'm1', 'm2', 'free']),
      at: backend.clock.now(),
      amount: random.integer(1, 3),
    }));
    await this.#accept(backend, counted, sets);
  }

  /** Part of the truth once the client was told so, or the job is done; until then it may be counted or not. */
  async #accept(backend: Backend, counted: readonly Counted[], sets: boolean): Promise<void> {
    const { observer, figures } = this.#world;
    const sequence = this.#sequenceOf(backend);
    const identity = sequence.next();
    if (this.#world.options.without === 'floor-by-completion') sequence.completed(identity.epoch, identity.sequence);
    const data = encodeReport(identity, entriesOf(backend, counted, sets));
    let settled = false;
    const settle = (): void => {
      if (settled || sets) return;
      settled = true;
      count(observer.maybe, counted, -1);
      count(observer.truth, counted, 1);
    };
    const completed = (job: Job): void => {
      if (job.done) settle();
      if (!backend.clock.dead) sequence.completed(identity.epoch, identity.sequence);
    };
    const job: Job = { data, waiting: false, attempts: 0, done: false, completed };
    if (!sets) count(observer.maybe, counted, 1);
    try {
      await this.queue.add(job);
      settle();
      figures.reports += 1;
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
    }
  }

  #sequenceOf(backend: Backend): ReportSequence {
    let sequence = this.#sequences.get(backend);
    if (sequence === undefined) {
      sequence = new ReportSequence(() => this.#world.watch.reporter(this.#world.newEpoch()));
      this.#sequences.set(backend, sequence);
    }
    return sequence;
  }
}

function entriesOf(
  { view }: Backend,
  counted: readonly Counted[],
  sets: boolean,
): ReturnType<typeof resolveReport>['entries'] {
  const transactions = counted.map(({ application, metric, amount }) => ({
    applicationId: application.id,
    userKey: null,
    usage: [[metric, sets ? `#${amount * 10}` : String(amount)] as const],
    timestamp: null,
    code: null,
  }));
  const at = counted[0]?.at ?? 0;
  const report = { service: SERVICE, at, flatUsage: false, keepGood: false, transactions };
  return resolveReport(
    report,
    counted.map(({ application }) => view.known(application.id)),
  ).entries;
}

function count(windows: World['observer']['truth'], counted: readonly Counted[], sign: 1 | -1): void {
  for (const { application, metric, at, amount } of counted) windows.add(application.id, metric, at, sign * amount);
}
