import type { Clock } from '../../shared/clock.ts';

/** The Date field of this second (RFC 9110 section 6.6.1), made once a second. */
export class DateField {
  readonly #clock: Clock;
  #second = -1;
  #line = '';

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `Date: …` CRLF. */
  line(): string {
    const second = Math.floor(this.#clock.now() / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#line = `Date: ${new Date(second * 1_000).toUTCString()}\r\n`;
    }
    return this.#line;
  }
}
