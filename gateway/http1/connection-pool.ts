import type { Clock } from '../../shared/clock.ts';
import type { EngineErrorCode } from './contract.ts';
import type { UpstreamCounters } from './counters.ts';
import type { ForwardedExchange } from './links.ts';
import type { ResponseHead } from './response-head.ts';
import type { TimerWheel } from './timer-wheel.ts';
import type { UpstreamSockets } from './upstream-socket.ts';

/** What the connections of one pool share, and whom they report to. */
export interface ConnectionPool<Connection> {
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  readonly sockets: UpstreamSockets;
  /** Reads the heads of all connections, one at a time. */
  readonly head: ResponseHead;
  readonly counters: UpstreamCounters;
  readonly connectTimeoutMs: number;
  readonly timeoutMs: number;
  /** Longest time (ms) that a request waits behind others on a connection. */
  readonly pipelineWaitMs: number;
  /** The connection is clean and free for another request. */
  freed(connection: Connection): void;
  /** The connection is gone. */
  lost(connection: Connection): void;
  /** The exchange's request got no answer, on a connection that was found closed: it is to be sent once more. */
  retry(exchange: ForwardedExchange): void;
  /** The same for requests that were sent behind others, and that their connection will not answer. */
  resend(exchanges: readonly ForwardedExchange[]): void;
  /** The target did not answer, or not as it must. */
  failed(exchange: ForwardedExchange, code: EngineErrorCode, reason: string): void;
  /** The target answered, `ms` after it could begin to. */
  succeeded(ms: number): void;
  /** The target sent what it must not: it is not asked for several answers at once again. */
  distrust(reason: string): void;
  fault(error: unknown): void;
}
