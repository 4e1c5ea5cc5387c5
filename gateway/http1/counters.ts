import type { EngineErrorCode } from './contract.ts';

/** Counted on the hot path as plain numbers; the gateway reads them when its metrics are scraped. */
export class ServerCounters {
  /** Client connections: accepted so far, and open now. */
  accepted = 0;
  open = 0;
  requests = 0;
  /** Bytes from and to clients. */
  bytesIn = 0;
  bytesOut = 0;
  /** Clients that left before their answer was complete. */
  abandoned = 0;
  /** Bytes that connections hold because the other side did not take them. */
  buffered = 0;
  /** Answers that the engine gave itself, by error code. */
  readonly refused = new Map<EngineErrorCode, number>();

  refuse(code: EngineErrorCode): void {
    this.refused.set(code, (this.refused.get(code) ?? 0) + 1);
  }
}

export class UpstreamCounters {
  /** Connections: made so far, open, and idle now. */
  connects = 0;
  open = 0;
  idle = 0;
  /** Requests sent, those of them on a kept-alive connection, and those sent a second time. */
  requests = 0;
  reused = 0;
  retried = 0;
  /** Requests sent behind others on a connection. */
  pipelined = 0;
  /** Requests that wait for a connection now. */
  waiting = 0;
  bytesIn = 0;
  bytesOut = 0;
  /** Exchanges that the target failed, by error code. */
  readonly failed = new Map<EngineErrorCode, number>();

  fail(code: EngineErrorCode): void {
    this.failed.set(code, (this.failed.get(code) ?? 0) + 1);
  }
}
