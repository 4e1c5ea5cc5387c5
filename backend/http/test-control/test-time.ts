import type { Clock } from '../../../shared/clock.ts';
import type { DocumentKey, Documents } from '../../store/store.ts';

const KEY: DocumentKey = ['test-time'];

export interface TestTimeDeps {
  readonly documents: Documents;
  /** The process's clock, which can be stopped at a time; null lets it run. */
  readonly clock: Clock & { pin(at: number | null): void };
}

/** The time that a test has set, for every process and worker: it is kept in the store. */
export class TestTime {
  readonly #deps: TestTimeDeps;

  constructor(deps: TestTimeDeps) {
    this.#deps = deps;
  }

  /** Stops the clocks of all processes at `at`, ms since the epoch; null lets them run. */
  async set(at: number | null): Promise<void> {
    await this.#deps.documents.write([{ key: KEY, value: at }], {});
    await this.follow();
  }

  /** Sets this process's clock by what is kept in the store. Call it before anything that depends on the time. */
  async follow(): Promise<void> {
    const at = await this.#deps.documents.get(KEY);
    this.#deps.clock.pin(typeof at === 'number' ? at : null);
  }
}
