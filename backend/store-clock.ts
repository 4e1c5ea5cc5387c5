import type { Clock, Timer } from '../shared/clock.ts';
import type { Logger } from '../shared/log.ts';
import type { HealthCheck } from './http/health/check.ts';

/** Between two readings of the store's clock, ms (protocol R3). */
const SYNC_INTERVAL = 10_000;
/** Between two looks at whether wall and monotonic clock still agree, ms. */
const WATCH_INTERVAL = 1_000;
/** Readings of one synchronisation; the one with the shortest round trip counts. */
const READINGS = 3;
/** A process clock further off than this raises an alarm, ms. */
const ALARM_SKEW = 100;
/** A process clock further off than this makes the backend not ready, ms. */
const MAX_SKEW = 1_000;

/**
 * The backends' one clock (protocol R3): the store's time, carried on by the monotonic clock between readings. A step
 * of the process's wall clock does not move it. Until the first reading it is the process's clock.
 */
export class StoreClock implements Clock {
  readonly #process: Clock;
  readonly #readStore: () => Promise<number>;
  readonly #log: Logger;
  /** What is added to the monotonic clock to get the time, ms. */
  #offset: number;
  /** Wall minus monotonic at the last look: a change is a step of the wall clock, or a suspended machine. */
  #wallOffset: number;
  #skew: number | null = null;
  #alarmed = false;
  #pinned: number | null = null;
  #syncing: Promise<void> | null = null;
  #timers: Timer[] = [];

  constructor(process: Clock, readStore: () => Promise<number>, log: Logger) {
    this.#process = process;
    this.#readStore = readStore;
    this.#log = log;
    this.#offset = this.#wallOffset = process.now() - process.monotonic();
  }

  now(): number {
    return this.#pinned ?? Math.round(this.#offset + this.#process.monotonic());
  }

  monotonic(): number {
    return this.#process.monotonic();
  }

  after(ms: number, task: () => void): Timer {
    return this.#process.after(ms, task);
  }

  every(ms: number, task: () => void): Timer {
    return this.#process.every(ms, task);
  }

  /** Reads the store's clock once, then every 10 s, and at once after a step of the wall clock. Never throws: without a reading it stays as it is. */
  async start(): Promise<void> {
    this.#timers = [
      this.#process.every(SYNC_INTERVAL, () => void this.sync()),
      this.#process.every(WATCH_INTERVAL, () => this.#watch()),
    ];
    await this.sync();
  }

  stop(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers = [];
  }

  /**
   * The clock for a store inside of this process, which has no other: the process's own. It stands still when this one
   * is pinned.
   */
  readonly ofProcess: Clock = {
    now: () => this.#pinned ?? this.#process.now(),
    monotonic: () => this.#process.monotonic(),
    after: (ms, task) => this.#process.after(ms, task),
    every: (ms, task) => this.#process.every(ms, task),
  };

  /** For the test control endpoint: time stands still at `at` (ms since the epoch); null lets it run again. */
  pin(at: number | null): void {
    this.#pinned = at;
  }

  /** Wall clock of the process minus the store's, ms, at the last reading; null before the first. */
  skew(): number | null {
    return this.#skew;
  }

  /** Reads the store's clock now. */
  sync(): Promise<void> {
    this.#syncing ??= this.#read().finally(() => (this.#syncing = null));
    return this.#syncing;
  }

  readonly health: HealthCheck = {
    name: 'clock',
    check: () => {
      const skew = this.#skew ?? 0;
      if (Math.abs(skew) <= MAX_SKEW) return { ok: true, problem: '', detail: { skewMs: Math.round(skew) } };
      return {
        ok: false,
        problem: `this machine's clock is ${Math.round(skew)} ms off the store's: set both by NTP`,
        detail: { skewMs: Math.round(skew) },
      };
    },
  };

  #watch(): void {
    const wallOffset = this.#process.now() - this.#process.monotonic();
    const stepped = Math.abs(wallOffset - this.#wallOffset) > ALARM_SKEW;
    this.#wallOffset = wallOffset;
    if (stepped) void this.sync();
  }

  async #read(): Promise<void> {
    if (this.#pinned !== null) return;
    let shortest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < READINGS; i++) {
      const sent = this.#process.monotonic();
      let stored: number;
      try {
        stored = await this.#readStore();
      } catch {
        // The store's own health tells of an outage; the clock runs on meanwhile.
        return;
      }
      const came = this.#process.monotonic();
      if (came - sent >= shortest) continue;
      shortest = came - sent;
      this.#offset = stored - (sent + came) / 2;
    }
    const apart = this.#process.now() - this.#process.monotonic() - this.#offset;
    // A reading is no more exact than half its round trip.
    this.#skew = Math.sign(apart) * Math.max(0, Math.abs(apart) - shortest / 2);
    this.#tellSkew(this.#skew);
  }

  #tellSkew(skew: number): void {
    const alarmed = Math.abs(skew) > ALARM_SKEW;
    if (alarmed === this.#alarmed) return;
    this.#alarmed = alarmed;
    const skewMs = Math.round(skew);
    if (alarmed) this.#log.warn({ skewMs }, 'the clock of this machine and of the store differ; the store is followed');
    else this.#log.info({ skewMs }, 'the clocks of this machine and of the store agree again');
  }
}
