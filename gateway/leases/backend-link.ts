import type { Clock } from '../../shared/clock.ts';
import { BackendTime } from './backend-time.ts';
import { ConfigurationVersions } from './configuration-versions.ts';
import { StoreIdentity } from './store-identity.ts';

/** Calls in a row without an answer after which nobody waits for the backend any more. */
const FAILURES_UNTIL_DOWN = 3;

/** What the answers of the backend tell besides what was asked: its time, its store, its speed, and that it is there. */
export class BackendLink {
  readonly time: BackendTime;
  readonly identity = new StoreIdentity();
  readonly versions = new ConfigurationVersions();
  /** Milliseconds, smoothed; 0 before the first answer. */
  roundTrip = 0;
  /** When the newest message was sent that was answered under the present identity (R14). */
  answeredSentAt = -Infinity;
  /** Calls sent before this have times that cannot be trusted. */
  #trustedSince = -Infinity;
  #measured = false;
  #failures = 0;
  #tried = false;
  #waiting: (() => void)[] = [];
  #onChange: (state: 'up' | 'down') => void;

  constructor(clock: Clock, onChange: (state: 'up' | 'down') => void) {
    this.time = new BackendTime(clock);
    this.#onChange = onChange;
  }

  /** True: waiting for an answer has no point; heartbeats go on and find out when that changes. */
  get down(): boolean {
    return this.#failures >= FAILURES_UNTIL_DOWN;
  }

  /** `task` runs when the first call is over, answered or not; at once when one was. */
  afterFirst(task: () => void): void {
    if (this.#tried) task();
    else this.#waiting.push(task);
  }

  /**
   * Every answer comes through here first. `old`: it speaks of a store that was replaced and must be ignored. `quick`:
   * its call was as small as a lease message, and tells how long those take.
   */
  heard(
    answer: { readonly store: string; readonly now: number },
    sentAt: number,
    answeredAt: number,
    quick: boolean,
  ): 'same' | 'first' | 'changed' | 'old' {
    const wasDown = this.down;
    this.#failures = 0;
    if (wasDown) this.#onChange('up');
    if (sentAt < this.#trustedSince) return 'old';
    if (quick) this.#measure(answeredAt - sentAt);
    this.time.sample(sentAt, answeredAt, answer.now);
    this.#wasTried();
    const verdict = this.identity.hear(answer.store, sentAt, answeredAt);
    if (verdict === 'changed') {
      this.versions.reset();
      this.answeredSentAt = sentAt;
    } else if (verdict !== 'old') {
      this.answeredSentAt = Math.max(this.answeredSentAt, sentAt);
    }
    return verdict;
  }

  /** The clocks jumped: nothing that was timed before `now` holds. */
  distrust(now: number): void {
    this.#trustedSince = now;
    this.versions.confirmedAt = -Infinity;
  }

  /** A call came to nothing. */
  unanswered(): void {
    this.#failures += 1;
    if (this.#failures === FAILURES_UNTIL_DOWN) this.#onChange('down');
    this.#wasTried();
  }

  #wasTried(): void {
    if (this.#tried) return;
    this.#tried = true;
    for (const task of this.#waiting.splice(0)) task();
  }

  #measure(roundTrip: number): void {
    this.roundTrip = this.#measured ? this.roundTrip * 0.875 + roundTrip * 0.125 : roundTrip;
    this.#measured = true;
  }
}
