import type { Clock, Timer } from '../../shared/clock.ts';

/** Milliseconds between two looks at the wheel: time-outs are late by at most twice this, and never early. */
const RESOLUTION = 50;
const SLOTS = 2_048;

/** Something with a time-out. The links belong to the wheel. */
export abstract class Timed {
  /** Monotonic milliseconds; Infinity: none. Set it by `TimerWheel.schedule`. */
  deadline = Infinity;
  /** The tick at which the wheel looks at this entry; 0: not in the wheel. */
  due = 0;
  before: Timed | null = null;
  after: Timed | null = null;

  /** The deadline has passed; it is Infinity now. */
  abstract expire(now: number): void;
}

/**
 * Time-outs of many connections on one ticker. A deadline that moves later, which happens with every request, only
 * sets a number: the wheel looks at the entry at its old time and puts it back.
 */
export class TimerWheel {
  readonly #clock: Clock;
  readonly #fault: (error: unknown) => void;
  readonly #slots: (Timed | null)[] = Array.from({ length: SLOTS }, () => null);
  #size = 0;
  /** The last tick that was looked at. */
  #tick = 0;
  #ticker: Timer | null = null;
  /** When the ticker last ran. */
  #now = 0;

  /** `fault` hears of what an `expire` throws. */
  constructor(clock: Clock, fault: (error: unknown) => void) {
    this.#clock = clock;
    this.#fault = fault;
  }

  /**
   * An upper bound of the present time, by at most RESOLUTION: what deadlines are counted from. It is read with every
   * request several times, and costs no call of the clock.
   */
  get time(): number {
    return (this.#ticker === null ? this.#clock.monotonic() : this.#now) + RESOLUTION;
  }

  schedule(entry: Timed, deadline: number): void {
    entry.deadline = deadline;
    if (deadline === Infinity) return;
    const due = Math.ceil(deadline / RESOLUTION);
    if (entry.due !== 0 && entry.due <= due) return;
    if (entry.due !== 0) this.#unlink(entry);
    this.#link(entry, due);
  }

  cancel(entry: Timed): void {
    entry.deadline = Infinity;
    if (entry.due !== 0) this.#unlink(entry);
  }

  #link(entry: Timed, due: number): void {
    if (this.#ticker === null) {
      this.#now = this.#clock.monotonic();
      this.#tick = Math.floor(this.#now / RESOLUTION);
      this.#ticker = this.#clock.every(RESOLUTION, () => this.#turn());
    }
    entry.due = Math.max(due, this.#tick + 1);
    const slot = entry.due % SLOTS;
    const first = this.#slots[slot] ?? null;
    entry.after = first;
    if (first !== null) first.before = entry;
    this.#slots[slot] = entry;
    this.#size++;
  }

  #unlink(entry: Timed): void {
    if (entry.before === null) this.#slots[entry.due % SLOTS] = entry.after;
    else entry.before.after = entry.after;
    if (entry.after !== null) entry.after.before = entry.before;
    entry.before = null;
    entry.after = null;
    entry.due = 0;
    if (--this.#size === 0) {
      this.#ticker?.cancel();
      this.#ticker = null;
    }
  }

  #turn(): void {
    const now = this.#clock.monotonic();
    this.#now = now;
    const last = Math.floor(now / RESOLUTION);
    // After a long stop of the process one turn of the wheel is enough.
    for (let tick = Math.max(this.#tick + 1, last - SLOTS + 1); tick <= last; tick++) {
      this.#tick = tick;
      this.#look(tick, now);
    }
  }

  #look(tick: number, now: number): void {
    const entries: Timed[] = [];
    for (let entry = this.#slots[tick % SLOTS] ?? null; entry !== null; entry = entry.after) entries.push(entry);
    for (const entry of entries) {
      // Zero: an entry before it, on expiry, took this one out.
      if (entry.due === 0 || entry.due > tick) continue;
      this.#unlink(entry);
      if (entry.deadline <= now) {
        entry.deadline = Infinity;
        this.#expire(entry, now);
      } else if (entry.deadline !== Infinity) {
        this.#link(entry, Math.ceil(entry.deadline / RESOLUTION));
      }
    }
  }

  #expire(entry: Timed, now: number): void {
    try {
      entry.expire(now);
    } catch (error) {
      this.#fault(error);
    }
  }
}
