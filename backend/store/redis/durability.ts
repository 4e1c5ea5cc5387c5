import { StoreUnavailable } from '../store.ts';
import type { Connection } from './connection.ts';

/**
 * Waits until replicas have what was sent on a connection (protocol R7). Everything that is sent while one WAIT is
 * under way shares the next, because WAIT holds up its connection.
 */
export class Durability {
  readonly #connection: Connection;
  readonly #milliseconds: number;
  #running: Promise<void> | null = null;
  #next: Promise<void> | null = null;

  /** `milliseconds`: how long replicas may take. */
  constructor(connection: Connection, milliseconds: number) {
    this.#connection = connection;
    this.#milliseconds = milliseconds;
  }

  /** Resolves when `replicas` have all that was sent before this call; rejects with a StoreUnavailable when they do not in time. */
  confirm(replicas: number): Promise<void> {
    if (this.#next !== null) return this.#next;
    const before = this.#running ?? Promise.resolve();
    const group = before.then(
      () => this.#start(replicas),
      () => this.#start(replicas),
    );
    this.#next = group;
    return group;
  }

  async #start(replicas: number): Promise<void> {
    this.#running = this.#next;
    this.#next = null;
    const reached = await this.#connection.command('WAIT', [replicas, this.#milliseconds]);
    if (typeof reached === 'number' && reached >= replicas) return;
    throw new StoreUnavailable(
      'not_replicated',
      `${String(reached)} of ${replicas} replicas have the answer: it may be lost, so it is not given`,
    );
  }
}
