import type { Redis } from 'ioredis';
import type { Clock } from '../../shared/clock.ts';

/** Between two looks at how many replicas there are, ms. */
const LOOK_INTERVAL = 1_000;

/** How many replicas must have a job before it is taken over: as many as the operator says, else as many as were ever seen. */
export class ReplicasWanted {
  readonly #configured: number | null;
  readonly #clock: Clock;
  #seen = 0;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> = Promise.resolve();

  constructor(configured: number | null, clock: Clock) {
    this.#configured = configured;
    this.#clock = clock;
  }

  /** `server`: null while it is not known. Rejects when it must be asked and does not answer. */
  async of(server: Redis | null): Promise<number> {
    if (this.#configured !== null) return this.#configured;
    if (server !== null && this.#clock.monotonic() - this.#lookedAt >= LOOK_INTERVAL) {
      this.#lookedAt = this.#clock.monotonic();
      this.#looking = this.#look(server);
    }
    await this.#looking;
    return this.#seen;
  }

  async #look(server: Redis): Promise<void> {
    const info = await server.info('replication');
    this.#seen = Math.max(this.#seen, info.match(/^slave\d+:.*state=online/gm)?.length ?? 0);
  }
}
