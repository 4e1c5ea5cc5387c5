import type { ForwardedExchange } from './links.ts';
import type { FlushSchedule } from './output.ts';

/** Bytes of an answer that are read only to get at the ones after it. */
const MAX_BYTES = 65_536;

/**
 * Stands in a pipeline for an exchange whose client has left: its answer comes all the same, and must be read to its
 * end before the next one can be.
 */
export class UnwantedExchange implements ForwardedExchange {
  readonly schedule: FlushSchedule;
  readonly isHead: boolean;
  readonly requestText = '';
  readonly upgrade = '';
  readonly idempotent = false;
  readonly replayable = false;
  readonly pipelinable = false;
  readonly requestComplete = true;
  readonly over = true;
  readonly clientFull = false;
  retried = true;
  forwardedAt: number;
  answeredAt: number;
  #bytes = 0;

  constructor(exchange: ForwardedExchange) {
    this.schedule = exchange.schedule;
    this.isHead = exchange.isHead;
    this.forwardedAt = exchange.forwardedAt;
    this.answeredAt = exchange.answeredAt;
  }

  /** Its answer is too long to be read to its end. */
  get overlong(): boolean {
    return this.#bytes > MAX_BYTES;
  }

  data(_bytes: Buffer, start: number, end: number): void {
    this.#bytes += end - start;
  }

  dataText(text: string): void {
    this.#bytes += text.length;
  }

  sentOn(): void {}
  upstreamDrained(): void {}
  begin(): void {}
  complete(): void {}
  switched(): void {}
  upstreamEnded(): void {}
  fail(): void {}
}
