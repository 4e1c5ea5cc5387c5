import type { Clock } from '../../shared/clock.ts';

/** Bounds and time-outs of the side that clients see. Times in milliseconds, sizes in bytes. */
export interface ServerConfig {
  /** Open client connections; one more is answered 503 and closed. */
  readonly maxConnections: number;
  /** Requests on one connection; the last is answered with `Connection: close`. */
  readonly maxRequestsPerConnection: number;
  /** A request head, beyond it 431. At most 60 KiB. */
  readonly maxHeadBytes: number;
  /** A request target, beyond it 414. */
  readonly maxTargetBytes: number;
  /** What all connections together hold of unsent and undecided bytes; beyond it new requests are answered 503. */
  readonly maxBufferedBytes: number;
  /** From the first byte of a head (of the first one: from the connection) to its end, else 408. */
  readonly headTimeoutMs: number;
  /** Between two parts of a body, and for a client to take what was sent to it. */
  readonly bodyTimeoutMs: number;
  /** Least bytes per second of a body, over each `bodyTimeoutMs`, else 408; 0: none. */
  readonly minBodyRate: number;
  /** A kept-alive connection without a request. */
  readonly idleTimeoutMs: number;
  /** For the handler to decide. Longer than any wait that the handler bounds itself. */
  readonly holdTimeoutMs: number;
  /** An upgraded connection over which nothing moves. */
  readonly tunnelTimeoutMs: number;
  /** Peers whose X-Forwarded-* and Forwarded are believed, as addresses or CIDRs. */
  readonly trustedProxies: readonly string[];
}

export const serverDefaults: ServerConfig = {
  maxConnections: 20_000,
  maxRequestsPerConnection: 1_000,
  maxHeadBytes: 32_768,
  maxTargetBytes: 16_384,
  maxBufferedBytes: 256 * 1_048_576,
  headTimeoutMs: 10_000,
  bodyTimeoutMs: 30_000,
  minBodyRate: 256,
  idleTimeoutMs: 75_000,
  holdTimeoutMs: 60_000,
  tunnelTimeoutMs: 300_000,
  trustedProxies: [],
};

/** One target and its pool. Times in milliseconds. */
export interface UpstreamConfig {
  /** `http://host:port`, `https://host:port` or `unix:/path`; nothing behind the port. */
  readonly url: string;
  /** Connections open at once. */
  readonly maxConnections: number;
  /** Kept-alive connections without a request; must be shorter than the target's own time-out. */
  readonly idleTimeoutMs: number;
  /** Requests that wait for a connection when all are busy; beyond it `upstream_busy`. */
  readonly maxWaiting: number;
  /** How long one waits, else `upstream_busy`. */
  readonly waitTimeoutMs: number;
  readonly connectTimeoutMs: number;
  /** Requests under way on one connection, at most; 1: the next is sent when the one before was answered. */
  readonly pipelining: number;
  /** Longest time that a request waits for the answers to those before it; then it is sent on another connection. */
  readonly pipelineWaitMs: number;
  /** For the target to take a part of the request, to begin its answer, and between two parts of it. */
  readonly timeoutMs: number;
  /** Certificates (PEM) to trust instead of the system's; null: the system's. */
  readonly certificateAuthority: string | null;
  /** Name sent and verified in TLS; null: the host. */
  readonly serverName: string | null;
}

export const upstreamDefaults: Omit<UpstreamConfig, 'url'> = {
  maxConnections: 512,
  idleTimeoutMs: 4_000,
  maxWaiting: 1_024,
  waitTimeoutMs: 1_000,
  connectTimeoutMs: 1_000,
  pipelining: 1,
  pipelineWaitMs: 100,
  timeoutMs: 60_000,
  certificateAuthority: null,
  serverName: null,
};

/** What the engine tells whoever writes logs. Each is a transition or a fault, never an ordinary request. */
export interface EngineEvents {
  /** A fault in the handler or in the engine; the exchange ended with `internal_error`, the process goes on. */
  fault(error: unknown): void;
  /** The target's first failure after a success. */
  upstreamDown(name: string, reason: string): void;
  /** The target sent what nobody asked for: from now on it gets one request at a time. */
  pipeliningStopped(name: string, reason: string): void;
  /** The target's first success after a failure. */
  upstreamUp(name: string): void;
}

export interface EngineDeps {
  readonly clock: Clock;
  readonly events: EngineEvents;
}
