import type { Clock, Timer } from '../../../shared/clock.ts';
import { StoreUnavailable } from '../store.ts';

interface Waiting {
  /** Monotonic, ms. */
  readonly deadline: number;
  readonly expire: () => void;
  settled: boolean;
}

/**
 * Commands that wait for their answers on one connection, each for a limited time. Answers come in the order of the
 * commands and all may take equally long, so one timer for the oldest is enough for all of them.
 */
export class Pending {
  readonly #clock: Clock;
  readonly #milliseconds: number;
  readonly #queue: Waiting[] = [];
  /** Of the oldest in `queue`: those before it are done with. */
  #first = 0;
  #size = 0;
  #timer: Timer | null = null;

  constructor(clock: Clock, milliseconds: number) {
    this.#clock = clock;
    this.#milliseconds = milliseconds;
  }

  /** How many wait. */
  get size(): number {
    return this.#size;
  }

  /** Settles as the answer does, an error as what it means, or with `timeout` (a StoreUnavailable) when it does not come in time. */
  wait(answer: Promise<unknown>, meaningOf: (error: unknown) => Error): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        deadline: this.#clock.monotonic() + this.#milliseconds,
        expire: () => reject(new StoreUnavailable('timeout', 'Redis did not answer in time')),
        settled: false,
      };
      this.#queue.push(waiting);
      this.#size += 1;
      this.#arm(this.#milliseconds);
      answer.then(
        (value) => {
          this.#settle(waiting);
          resolve(value);
        },
        (error: unknown) => {
          this.#settle(waiting);
          reject(meaningOf(error));
        },
      );
    });
  }

  #settle(waiting: Waiting): void {
    if (waiting.settled) return;
    waiting.settled = true;
    this.#size -= 1;
    const { length } = this.#queue;
    while (this.#first < length && this.#queue[this.#first]?.settled === true) this.#first += 1;
    // Moved down now and then, so that the list does not grow for ever.
    if (this.#first === length || this.#first > 1_024) this.#queue.splice(0, this.#first);
    else return;
    this.#first = 0;
  }

  #arm(milliseconds: number): void {
    if (this.#timer !== null) return;
    // Where this process itself was held up, answers that are there already are read first.
    this.#timer = this.#clock.after(milliseconds, () => void setImmediate(() => this.#look()));
  }

  /** Ends those whose time is over, and looks again when the next one's is. */
  #look(): void {
    this.#timer = null;
    const now = this.#clock.monotonic();
    for (let oldest = this.#queue[this.#first]; oldest !== undefined; oldest = this.#queue[this.#first]) {
      if (oldest.deadline > now) {
        this.#arm(oldest.deadline - now);
        return;
      }
      oldest.expire();
      this.#settle(oldest);
    }
  }
}
