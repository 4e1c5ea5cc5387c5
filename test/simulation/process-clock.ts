import type { Clock, Timer } from '../../shared/clock.ts';
import type { Timeline } from './timeline.ts';

/** The clock of one simulated process: it dies with it, and stands still for whoever is stopped by SIGSTOP. */
export class ProcessClock implements Clock {
  readonly #timeline: Timeline;
  /** Wall clock at the start of the round, ms since the epoch; its error included. */
  #wall: number;
  readonly #origin: number;
  readonly #random: () => number;
  #dead = false;
  /** True time until which the process does not run. */
  #stoppedUntil = 0;
  /** How long its machine slept: the monotonic clock stood still meanwhile. */
  #slept = 0;

  /** Hides from the wall clock what the monotonic clock does not show. */
  readonly #hidesSleep: boolean;

  constructor(timeline: Timeline, wall: number, random: () => number, hidesSleep = false) {
    this.#hidesSleep = hidesSleep;
    this.#timeline = timeline;
    this.#wall = wall;
    this.#random = random;
    this.#origin = random() * 1e6;
  }

  get dead(): boolean {
    return this.#dead;
  }

  now(): number {
    return Math.floor(this.#wall + this.#timeline.now - (this.#hidesSleep ? this.#slept : 0));
  }

  monotonic(): number {
    return this.#origin + this.#timeline.now - this.#slept;
  }

  after(ms: number, task: () => void): Timer {
    return this.#timeline.after(Math.max(0, ms), () => this.run(task));
  }

  every(ms: number, task: () => void): Timer {
    let timer: Timer = { cancel: () => undefined };
    let cancelled = false;
    const again = (): void => {
      timer = this.after(ms, () => {
        again();
        if (!cancelled) task();
      });
    };
    again();
    return {
      cancel() {
        cancelled = true;
        timer.cancel();
      },
    };
  }

  /** Runs the task in this process: now, when it goes on, or never. */
  run(task: () => void): void {
    if (this.#dead) return;
    if (this.#stoppedUntil > this.#timeline.now) {
      this.#timeline.at(this.#stoppedUntil + this.#random(), () => this.run(task));
      return;
    }
    task();
  }

  stop(ms: number): void {
    this.#stoppedUntil = Math.max(this.#stoppedUntil, this.#timeline.now + ms);
  }

  resume(): void {
    this.#stoppedUntil = this.#timeline.now;
  }

  get stopped(): boolean {
    return this.#stoppedUntil > this.#timeline.now;
  }

  /** The machine sleeps: nothing runs, and the monotonic clock does not notice. */
  suspend(ms: number): void {
    this.stop(ms);
    this.#timeline.after(ms, () => (this.#slept += ms));
  }

  kill(): void {
    this.#dead = true;
  }

  /** Sets the wall clock, as an operator does. */
  step(ms: number): void {
    this.#wall += ms;
  }
}
