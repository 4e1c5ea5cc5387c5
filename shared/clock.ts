/** A running timer. */
export interface Timer {
  cancel(): void;
}

/**
 * Time, injected everywhere: it is read from here and every timer and ticker runs on it, so that a test or the
 * simulation can drive a whole process through time without sleeping.
 */
export interface Clock {
  /** Wall clock, milliseconds since 1970-01-01 UTC. May step; never use it to measure a duration. */
  now(): number;
  /** Monotonic clock, milliseconds with a fraction, from an arbitrary origin. */
  monotonic(): number;
  /** Runs `task` once after `ms` (≥ 0) milliseconds of monotonic time. Does not keep the process alive. */
  after(ms: number, task: () => void): Timer;
  /** Runs `task` every `ms` (> 0) milliseconds until cancelled. Does not keep the process alive. */
  every(ms: number, task: () => void): Timer;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, task) {
    const handle = setTimeout(task, ms).unref();
    return { cancel: () => clearTimeout(handle) };
  },
  every(ms, task) {
    const handle = setInterval(task, ms).unref();
    return { cancel: () => clearInterval(handle) };
  },
};
