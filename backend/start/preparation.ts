import type { Clock, Timer } from '../../shared/clock.ts';
import { Fault, backendErrors } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import type { HealthCheck } from '../http/health/check.ts';
import { StoreUnavailable } from '../store/store.ts';

/** Between two tries while the store is away, ms. */
const RETRY_INTERVAL = 1_000;

/**
 * Prepares the stored configuration before anything is decided from it, as soon as the store is there. Until then
 * every request is answered as an outage, and the process is not ready.
 */
export class Preparation {
  readonly #prepare: () => Promise<void>;
  readonly #clock: Clock;
  readonly #log: Logger;
  #prepared: () => void = () => undefined;
  #done = false;
  #problem = 'the stored configuration was not read yet';
  #timer: Timer | null = null;
  #stopped = false;

  constructor(prepare: () => Promise<void>, clock: Clock, log: Logger) {
    this.#prepare = prepare;
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * Tries once, and goes on trying while the store is away; `prepared` is called when it is done. Throws when the
   * stored configuration cannot be used.
   */
  async start(prepared: () => void): Promise<void> {
    this.#prepared = prepared;
    try {
      await this.#prepare();
      this.#finish();
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      this.#problem = 'the store does not answer: the configuration could not be read';
      this.#log.warn({ code: 'store_unavailable', err: error }, 'the store is away; the backend waits for it');
      this.#again();
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** A hook of every API: an outage until the configuration is prepared. */
  readonly admit = (_request: unknown, _reply: unknown, done: (error?: Error) => void): void => {
    done(this.#done ? undefined : new Fault(backendErrors.storeUnavailable));
  };

  readonly health: HealthCheck = {
    name: 'configuration',
    check: () => ({ ok: this.#done, problem: this.#done ? '' : this.#problem }),
  };

  #finish(): void {
    if (this.#stopped) return;
    this.#done = true;
    this.#prepared();
  }

  #again(): void {
    this.#timer = this.#clock.after(RETRY_INTERVAL, () => {
      this.#prepare().then(
        () => {
          this.#log.info('the store is there; the configuration is read');
          this.#finish();
        },
        (error: unknown) => this.#failed(error),
      );
    });
  }

  #failed(error: unknown): void {
    if (this.#stopped) return;
    if (error instanceof StoreUnavailable) {
      this.#again();
      return;
    }
    this.#problem = error instanceof Error ? error.message : String(error);
    this.#log.fatal({ err: error }, 'the stored configuration cannot be used');
  }
}
