import { Queue } from 'bullmq';
import type { JobsOptions } from 'bullmq';
import type { Clock } from '../../shared/clock.ts';
import { Fault, backendErrors } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import type { RedisConfig } from '../config.ts';
import { StoreUnavailable } from '../store/store.ts';
import { producerConnection, writerOf } from './connection.ts';
import type { RedisClient } from './connection.ts';
import { QUEUE_PREFIX, QUEUE_SLOT } from './queues.ts';
import { ReplicasWanted } from './replicas.ts';

/** Longest wait for the replicas to have a job, ms. */
const REPLICA_TIMEOUT = 1_000;

/** Data of jobs as BullMQ takes it: each queue gives it its own form. */
type AnyQueue = Queue<object, unknown, string, object, unknown, string>;

export interface QueueDepth {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  /** Set aside. */
  readonly failed: number;
}

/** The job was not added, or it is not known whether it was. */
export class AddFailed extends StoreUnavailable {
  /** It may be in the queue all the same. */
  readonly uncertain: boolean;

  constructor(uncertain: boolean, message: string, options?: ErrorOptions) {
    super(uncertain ? 'QUEUE_UNCERTAIN' : 'QUEUE_AWAY', message, options);
    this.uncertain = uncertain;
  }
}

export interface ProducerDeps {
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Adds jobs to one BullMQ queue. It fails at once while Redis is away, and opens the queue when Redis comes for the
 * first time: a Queue that is made without a connection stays broken.
 */
export class Producer {
  readonly #name: string;
  readonly #log: Logger;
  readonly #replicas: ReplicasWanted;
  readonly #connection: RedisClient;
  #queue: AnyQueue | null = null;
  #reachable: boolean | null = null;
  #closed = false;

  constructor(name: string, config: RedisConfig, { clock, log }: ProducerDeps) {
    this.#name = name;
    this.#log = log;
    this.#replicas = new ReplicasWanted(config.waitReplicas, clock);
    this.#connection = producerConnection(config);
    this.#connection.on('ready', () => void this.#open());
    this.#connection.on('error', (error: Error) => this.#lost(error));
    this.#connection.on('close', () => this.#lost(null));
  }

  get reachable(): boolean {
    return this.#queue !== null && this.#connection.status === 'ready';
  }

  /**
   * Adds a job; durable as configured when it resolves. Throws a Fault (`queue_full`) when Redis has no memory left,
   * and AddFailed otherwise.
   */
  async add(name: string, data: object, options: JobsOptions): Promise<void> {
    const queue = this.#usable();
    const replicas = await this.#replicasWanted();
    let remove: () => Promise<void>;
    try {
      const job = await queue.add(name, data, options);
      remove = () => job.remove();
    } catch (error) {
      throw this.#addError(error);
    }
    if (replicas > 0) await this.#replicate(replicas, remove);
  }

  async depth(): Promise<QueueDepth> {
    const counts = await this.#usable().getJobCounts('waiting', 'active', 'delayed', 'failed');
    const count = (state: string): number => counts[state] ?? 0;
    return { waiting: count('waiting'), active: count('active'), delayed: count('delayed'), failed: count('failed') };
  }

  /** When the job that waits longest was added, ms since the epoch; null when none waits. */
  async oldest(): Promise<number | null> {
    const [job] = await this.#usable().getJobs(['waiting'], 0, 0, true);
    return job?.timestamp ?? null;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#queue?.close().catch(() => undefined);
    this.#connection.disconnect();
  }

  #usable(): AnyQueue {
    if (this.#queue !== null && this.#connection.status === 'ready') return this.#queue;
    throw new AddFailed(false, `the queue ${this.#name} is not connected to Redis`);
  }

  async #open(): Promise<void> {
    if (this.#reachable === false) this.#log.info({ queue: this.#name }, 'the queue is connected again');
    this.#reachable = true;
    if (this.#queue !== null || this.#closed) return;
    const queue: AnyQueue = new Queue(this.#name, { connection: this.#connection, prefix: QUEUE_PREFIX });
    queue.on('error', (error) => this.#lost(error));
    try {
      await queue.waitUntilReady();
      this.#queue = queue;
    } catch (error) {
      // The connection went away while the queue was opened: it is tried again when it is back.
      this.#lost(error);
    }
  }

  /** Told once per outage. */
  #lost(error: unknown): void {
    if (this.#reachable === false || this.#closed) return;
    this.#reachable = false;
    const cause = error instanceof Error ? { err: error } : {};
    this.#log.error(
      { code: 'queue_unavailable', queue: this.#name, ...cause },
      'the queue lost its connection to Redis; nothing is taken over',
    );
  }

  async #replicasWanted(): Promise<number> {
    try {
      return await this.#replicas.of(writerOf(this.#connection, QUEUE_SLOT));
    } catch (error) {
      throw new AddFailed(false, 'Redis does not say how many replicas it has', { cause: error });
    }
  }

  /** Too few replicas: the job is taken back, so that the client can be told to try again; one that cannot be taken back is already being worked on. */
  async #replicate(wanted: number, remove: () => Promise<void>): Promise<void> {
    const writer = writerOf(this.#connection, QUEUE_SLOT);
    const replicas = (await writer?.wait(wanted, REPLICA_TIMEOUT).catch(() => 0)) ?? 0;
    if (replicas >= wanted) return;
    try {
      await remove();
    } catch (error) {
      throw new AddFailed(true, 'a job is on too few replicas and could not be taken back', { cause: error });
    }
    throw new AddFailed(false, `a job is on ${replicas} replicas instead of ${wanted}; it was taken back`);
  }

  #addError(error: unknown): Error {
    const message = error instanceof Error ? error.message : String(error);
    if (message.startsWith('OOM')) return new Fault(backendErrors.queueFull, undefined, { cause: error });
    // An error reply of Redis, and a command that was never written, have added nothing.
    const certain =
      /^(?:READONLY|LOADING|MISCONF|NOREPLICAS|CLUSTERDOWN|MASTERDOWN|NOAUTH|NOPERM|BUSY)\b|isn't writeable/.test(
        message,
      );
    return new AddFailed(!certain, `a job could not be added to the queue ${this.#name}`, { cause: error });
  }
}
