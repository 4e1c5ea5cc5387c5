import { join } from 'node:path';
import type { Clock, Timer } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import { random } from '../backend-client/random.ts';
import type { ServiceToken } from '../backend-client/threescale.ts';
import { ASIDE_FOLDER } from '../journal/layout.ts';
import type { SealedSegment } from '../journal/segment.ts';
import { Backlog, type Item, type SegmentSource } from './backlog.ts';
import { isCounted, isOver, PAUSES, QUEUED_PAUSE, tellLosses, THREAD_ENDED } from './outcomes.ts';
import { Pace } from './pace.ts';
import { Progress } from './progress.ts';
import type { Threads } from './pool.ts';
import type { CallLog, DeliveryResult, DeliveryTask, Protocol } from './task.ts';

/** Deliveries that the event loop does at a time, when no thread is free. */
const IN_LOOP = 2;
/** Batches of an epoch that may be open (protocol R11). */
const OPEN_BATCHES = 1_024;
/** After an answer that spoke for a store that was replaced. */
const VOID_PAUSE = 1_000;
/** Applied batches are kept for this long by default, and until a message sent later was answered by the same store (protocol R14), ms. */
const HORIZON = 60_000;

export interface ReportingSettings {
  readonly directory: string;
  readonly responseCodes: boolean;
  /** How long applied batches are kept (protocol R14), ms. Default 60 s. */
  readonly horizonMs?: number;
}

export interface ReportingDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly pool: Threads;
  /** One attempt in the event loop. */
  readonly deliver: (task: DeliveryTask) => Promise<DeliveryResult>;
  /** What the backend speaks; null: not known yet, nothing can be delivered. */
  readonly protocol: () => Protocol | null;
  readonly services: () => readonly ServiceToken[];
  /** Calls that a thread made, for the metrics. */
  readonly observe: (calls: CallLog) => void;
  /** Each answer to a batch: which store gave it, and whether that is another than before. `old`: the answer is void. Times: monotonic ms. */
  readonly heard: (
    answer: { readonly store: string; readonly now: number },
    sentAt: number,
    answeredAt: number,
  ) => 'same' | 'first' | 'changed' | 'old';
  readonly random?: () => number;
}

/** Brings sealed segments to the backend: by the reporting threads, or, while none is free, in the event loop. */
export class Reporting {
  readonly backlog = new Backlog();
  readonly deliveries = { thread: 0, loop: 0 };
  readonly results = new Map<string, number>();
  uncertainUnits = 0;
  /** Units that were delivered and not only repeated. */
  appliedUnits = 0;
  /** Units that were sent, repeats included, and those whose counting was answered, repeats that were recognised included. */
  sentUnits = 0;
  acknowledgedUnits = 0;
  /** Batches that were sent again because the store changed. */
  replays = 0;
  /** Batches that were let go before the store was known to have them for good, because the journal was full. */
  early = 0;
  #tellEarlyAt = -Infinity;
  damaged = 0;
  /** Entries that the backend did not count and put before its operator. */
  setAside = 0;
  readonly #settings: ReportingSettings;
  readonly #deps: ReportingDeps;
  readonly #pace: Pace;
  readonly #progress: Progress;
  readonly #services = new Map<string, ServiceToken>();
  #underWay = 0;
  #inLoop = 0;
  #wakeUp: Timer | null = null;
  #drained: (() => void) | null = null;

  constructor(settings: ReportingSettings, deps: ReportingDeps) {
    this.#settings = settings;
    this.#deps = deps;
    this.#pace = new Pace(deps.random ?? random);
    this.#progress = new Progress(this.backlog, this.deliveries, deps);
  }

  /**
   * Takes sealed segments; the same one twice does no harm. Those that a dead process left must come all at once: the
   * lowest is the floor below which the backend takes nothing more.
   */
  add(segments: readonly SealedSegment[], source: SegmentSource, adopted: boolean): void {
    for (const segment of segments) this.backlog.add(segment, source, adopted);
    this.pump();
  }

  /** Starts what can be started now. */
  pump(): void {
    const protocol = this.#deps.protocol();
    const now = this.#deps.clock.monotonic();
    this.#wakeUp?.cancel();
    this.#wakeUp = null;
    let wake = Number.POSITIVE_INFINITY;
    for (const item of this.backlog.items()) {
      if (item.state !== 'waiting') continue;
      const due = protocol === null ? now + QUEUED_PAUSE : Math.max(item.notBefore, this.#pace.resumesAt);
      if (due > now) wake = Math.min(wake, due);
      else if (protocol === null || !this.#start(item, protocol, now)) break;
    }
    if (wake !== Number.POSITIVE_INFINITY) this.#wakeUp = this.#deps.clock.after(wake - now, () => this.pump());
    if (this.backlog.undelivered === 0) this.#drained?.();
  }

  /** The store is another than before: what it acknowledged may be lost, so everything that is kept is sent again. */
  replay(): void {
    this.#sendAgain();
    this.pump();
  }

  /** A message sent at `sentAt` (monotonic ms) was answered by `store`: lets go of what is safe now (protocol R14). */
  confirm(store: string, sentAt: number): void {
    for (const item of this.backlog.items()) {
      if (
        item.state === 'applied' &&
        item.store === store &&
        sentAt >= item.appliedAt + (this.#settings.horizonMs ?? HORIZON)
      )
        this.#done(item);
    }
  }

  /**
   * Room is needed: of what was counted and is kept in case the store forgets it, the oldest goes, at least `bytes` of
   * it. Should the store forget it now, it is lost.
   */
  letGo(bytes: number): void {
    let freed = 0;
    for (const item of this.backlog.oldestKept()) {
      if (freed >= bytes) break;
      freed += item.segment.bytes;
      this.early += 1;
      this.#done(item);
    }
    const now = this.#deps.clock.monotonic();
    if (freed === 0 || now < this.#tellEarlyAt) return;
    this.#tellEarlyAt = now + HORIZON;
    const text =
      'the journal is full: usage that was counted less than a minute ago is no longer kept in case the store forgets it';
    this.#deps.log.warn({ code: 'journal_kept_less', batches: this.early }, text);
  }

  /** Resolves when everything was counted, or after `ms`. True: nothing is left. */
  async drain(ms: number): Promise<boolean> {
    if (this.backlog.undelivered > 0 && ms > 0) {
      await new Promise<void>((resolve) => {
        const timer = this.#deps.clock.after(ms, resolve);
        this.#drained = () => {
          timer.cancel();
          resolve();
        };
        this.pump();
      });
    }
    return this.backlog.undelivered === 0;
  }

  stop(): void {
    this.#progress.stop();
    this.#wakeUp?.cancel();
  }

  #sendAgain(): void {
    for (const item of this.backlog.items()) {
      if (item.state !== 'applied') continue;
      this.backlog.again(item);
      this.replays += 1;
    }
    this.#deps.log.warn({ code: 'store_changed' }, 'the store is another than before: kept usage is sent again');
  }

  /** False: there is no room for it, nor for any other. */
  #start(item: Item, protocol: Protocol, now: number): boolean {
    const { pool } = this.#deps;
    if (this.#underWay >= this.#pace.allowed(now, pool.size + IN_LOOP)) return false;
    const floor = this.backlog.floor(item.segment.epoch);
    if (protocol === 'batch' && item.segment.sequence >= floor + OPEN_BATCHES) return true;
    const task = this.#task(item, protocol, floor);
    if (pool.free) void this.#run(item, now, this.#inThread(task));
    else if (item.adopted && pool.size > 0) return true;
    else if (this.#inLoop < IN_LOOP) void this.#run(item, now, this.#inEventLoop(task));
    else return false;
    return true;
  }

  #task({ segment }: Item, protocol: Protocol, floor: number): DeliveryTask {
    const { folder, epoch, sequence, bytes } = segment;
    const { directory, responseCodes } = this.#settings;
    const aside = join(directory, ASIDE_FOLDER);
    // A service that left the configuration still has usage on its way.
    for (const { id, tokenKind, token } of this.#deps.services()) this.#services.set(id, { id, tokenKind, token });
    const services = [...this.#services.values()];
    return { folder, aside, epoch, sequence, bytes, protocol, floor, services, responseCodes };
  }

  async #inThread(task: DeliveryTask): Promise<DeliveryResult> {
    const answer = await this.#deps.pool.run({ kind: 'segment', task });
    const result = answer?.result ?? THREAD_ENDED;
    this.#deps.observe(answer?.calls ?? []);
    if (isCounted(result)) this.deliveries.thread += 1;
    return result;
  }

  async #inEventLoop(task: DeliveryTask): Promise<DeliveryResult> {
    this.#inLoop += 1;
    const result = await this.#deps.deliver(task);
    this.#inLoop -= 1;
    if (isCounted(result)) this.deliveries.loop += 1;
    return result;
  }

  async #run(item: Item, sentAt: number, attempt: Promise<DeliveryResult>): Promise<void> {
    item.state = 'sending';
    this.sentUnits += item.segment.units;
    this.#underWay += 1;
    const result = await attempt;
    this.#underWay -= 1;
    this.results.set(result.outcome, (this.results.get(result.outcome) ?? 0) + 1);
    this.#settle(item, result, sentAt);
    this.pump();
  }

  #settle(item: Item, result: DeliveryResult, sentAt: number): void {
    const now = this.#deps.clock.monotonic();
    // While the answer is taken the item counts as being sent: a replay that the answer sets off leaves it alone.
    const heard =
      result.store === null ? 'same' : this.#deps.heard({ store: result.store, now: result.now }, sentAt, now);
    item.state = 'waiting';
    if (result.outcome === 'unavailable') return this.#pace.failed(now, result.retryAfterMs);
    this.#pace.succeeded();
    if (heard === 'old') {
      item.notBefore = now + VOID_PAUSE;
      return;
    }
    if (heard === 'changed') this.#sendAgain();
    if (result.store !== null) this.confirm(result.store, sentAt);
    if (isOver(result)) return this.#applied(item, result, now);
    item.notBefore = now + (PAUSES.get(result.outcome) ?? 0);
    this.#tellRefusal(item, result);
    if (result.outcome === 'refused') item.source.parked(item.segment.sequence);
    if (result.outcome === 'aside') {
      this.damaged += result.damaged;
      this.#done(item);
    }
  }

  #applied(item: Item, result: DeliveryResult, now: number): void {
    const { sequence } = item.segment;
    this.uncertainUnits += result.uncertain;
    this.damaged += result.damaged;
    this.setAside += result.setAside;
    this.acknowledgedUnits += item.segment.units - result.uncertain;
    if (result.outcome === 'applied') this.appliedUnits += item.segment.units - result.uncertain;
    tellLosses(this.#deps.log, item.segment, result);
    this.backlog.applied(item, now, result.store);
    this.#progress.delivered(item.segment.units);
    item.source.delivered(sequence);
    if (result.store === null) this.#done(item);
  }

  #done(item: Item): void {
    this.backlog.remove(item);
    item.source.delivered(item.segment.sequence);
    item.source.release(item.segment.sequence);
  }

  #tellRefusal(item: Item, { outcome, detail }: DeliveryResult): void {
    if (outcome === 'queued' || item.refusal === detail) return;
    item.refusal = detail;
    const { epoch, sequence } = item.segment;
    this.#deps.log.error(
      { code: `delivery_${outcome}`, epoch, sequence, reason: detail },
      'a segment of usage could not be delivered',
    );
  }
}
