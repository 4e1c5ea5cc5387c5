import type { Clock, Timer } from '../../shared/clock.ts';

interface Entry {
  at: number;
  readonly every: number | null;
  readonly task: () => void;
}

/** 2024-03-04 00:00:00 UTC, a Monday: the start of a minute, hour, day and week. */
export const MONDAY = Date.UTC(2024, 2, 4);

/** A clock that stands still until it is advanced. Timers fire in the order of their time, then of their making. */
export class TestClock implements Clock {
  #now: number;
  #monotonic = 0;
  #timers = new Set<Entry>();

  /** `start` is the wall clock in ms since the epoch; monotonic time starts at 0. */
  constructor(start: number = MONDAY) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  after(ms: number, task: () => void): Timer {
    return this.#add({ at: this.#monotonic + Math.max(0, ms), every: null, task });
  }

  every(ms: number, task: () => void): Timer {
    if (!(ms > 0)) throw new RangeError(`every() needs more than 0 ms, got ${ms}`);
    return this.#add({ at: this.#monotonic + ms, every: ms, task });
  }

  /** How many timers are set: a stopped part has left none behind. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves time on, firing what is due on the way and letting the promises of each timer settle before the next. */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonic + ms;
    await settle();
    for (let entry = this.#next(end); entry !== null; entry = this.#next(end)) {
      this.#moveTo(entry.at);
      this.#fire(entry);
      await settle();
    }
    this.#moveTo(end);
  }

  /** Moves time on without letting promises settle in between: for code that is wholly synchronous. */
  advanceSync(ms: number): void {
    const end = this.#monotonic + ms;
    for (let entry = this.#next(end); entry !== null; entry = this.#next(end)) {
      this.#moveTo(entry.at);
      this.#fire(entry);
    }
    this.#moveTo(end);
  }

  /** Sets the wall clock alone, as an operator or NTP does. */
  step(ms: number): void {
    this.#now += ms;
  }

  #add(entry: Entry): Timer {
    this.#timers.add(entry);
    return { cancel: () => void this.#timers.delete(entry) };
  }

  #next(end: number): Entry | null {
    let first: Entry | null = null;
    for (const entry of this.#timers) {
      if (entry.at <= end && (first === null || entry.at < first.at)) first = entry;
    }
    return first;
  }

  #fire(entry: Entry): void {
    this.#timers.delete(entry);
    if (entry.every !== null) {
      entry.at += entry.every;
      this.#timers.add(entry);
    }
    entry.task();
  }

  #moveTo(monotonic: number): void {
    const passed = monotonic - this.#monotonic;
    if (passed <= 0) return;
    this.#monotonic = monotonic;
    this.#now += passed;
  }
}

/** Lets every promise that can settle without time or input do so. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
