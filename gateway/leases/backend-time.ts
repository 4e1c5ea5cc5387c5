import type { Clock } from '../../shared/clock.ts';

/** A sample older than this gives way to any newer one, so that a drift of the clocks is followed. */
const SAMPLE_LIFE_MS = 10_000;
/** Wall and monotonic clock apart by more than this: suspended, or the wall clock was set. */
const MAX_JUMP_MS = 100;

/**
 * The gateway's estimate of the backends' clock (protocol R3): the sample with the shortest round trip, carried on by
 * the monotonic clock. Its error is at most the backends' own plus half of that round trip.
 */
export class BackendTime {
  readonly #clock: Clock;
  #offset: number | null = null;
  #roundTrip = Infinity;
  #sampledAt = 0;
  /** Wall minus monotonic clock, as last seen without a jump. */
  #difference: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#difference = clock.now() - clock.monotonic();
  }

  /** False until the first answer of a backend: no lease is spent then. */
  get known(): boolean {
    return this.#offset !== null;
  }

  /** An answer that named the backend's time `backendNow`, to a call sent and answered at these monotonic times. */
  sample(sentAt: number, answeredAt: number, backendNow: number): void {
    const roundTrip = answeredAt - sentAt;
    if (this.#offset !== null && roundTrip > this.#roundTrip && answeredAt - this.#sampledAt <= SAMPLE_LIFE_MS) return;
    this.#offset = backendNow - (sentAt + answeredAt) / 2;
    this.#roundTrip = roundTrip;
    this.#sampledAt = answeredAt;
  }

  /** The backends' time at a monotonic time; by the gateway's own wall clock while nothing else is known. */
  at(monotonic: number): number {
    return Math.max(0, Math.floor(monotonic + (this.#offset ?? this.#difference)));
  }

  /**
   * True when the process or its machine stood still unnoticed by the monotonic clock, or the wall clock was set, since
   * the last call: no monotonic time of a lease can be trusted then, and the estimate is forgotten.
   */
  jumped(monotonic: number): boolean {
    const difference = this.#clock.now() - monotonic;
    const jump = Math.abs(difference - this.#difference) > MAX_JUMP_MS;
    this.#difference = difference;
    if (jump) this.#offset = null;
    return jump;
  }
}
