import type { Clock, Timer } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import type { Backlog } from './backlog.ts';

/** Segments beyond which a backlog tells of its progress. */
const LONG_BACKLOG = 8;
const INTERVAL = 1_000;

export interface ProgressDeps {
  readonly clock: Clock;
  readonly log: Logger;
}

/** Says once a second how far a long backlog is delivered, as after an outage or the death of a process, and when it is done. */
export class Progress {
  readonly #backlog: Pick<Backlog, 'undelivered' | 'units'>;
  readonly #deliveries: Readonly<Record<'thread' | 'loop', number>>;
  readonly #log: Logger;
  readonly #timer: Timer;
  /** Delivered since the backlog was short. */
  #segments = 0;
  #units = 0;
  #long = false;

  constructor(
    backlog: Pick<Backlog, 'undelivered' | 'units'>,
    deliveries: Readonly<Record<'thread' | 'loop', number>>,
    { clock, log }: ProgressDeps,
  ) {
    this.#backlog = backlog;
    this.#deliveries = deliveries;
    this.#log = log;
    this.#timer = clock.every(INTERVAL, () => this.#tell());
  }

  /** The backend has counted a segment. */
  delivered(units: number): void {
    this.#segments += 1;
    this.#units += units;
  }

  stop(): void {
    this.#timer.cancel();
  }

  #tell(): void {
    const { undelivered, units } = this.#backlog;
    const long = undelivered >= LONG_BACKLOG;
    const figures = {
      segments: undelivered,
      units,
      delivered: this.#segments,
      of: this.#segments + undelivered,
      unitsOf: this.#units + units,
      ...this.#deliveries,
    };
    if (long) this.#log.info({ code: 'delivery_progress', ...figures }, 'delivering a backlog of usage');
    else if (this.#long) this.#log.info({ code: 'delivery_caught_up', ...figures }, 'the backlog is delivered');
    this.#long = long;
    if (long) return;
    this.#segments = 0;
    this.#units = 0;
  }
}
