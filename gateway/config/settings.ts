import type { LogLevel } from '../../shared/log.ts';
import type { BackendDown } from './service.ts';

export const REPORTING_MODES = ['leased', 'batched', 'per-request'] as const;
export type ReportingMode = (typeof REPORTING_MODES)[number];
export const BACKEND_DOWN = ['strict', 'resilient', 'allow'] as const satisfies readonly BackendDown[];
/** More would only let a slow answer hold up more requests. */
export const MAX_PIPELINING = 32;
export const JOURNAL_FULL = ['refuse', 'serve'] as const;

/** Settings of one gateway process: from the environment, else from the configuration file, else the default. */
export interface GatewaySettings {
  readonly host: string;
  /** 0: the system chooses. */
  readonly port: number;
  readonly adminHost: string;
  readonly adminPort: number;
  /** Gateway processes that share the port. */
  readonly workers: number;
  /** Longest time from the signal to the end of the process. */
  readonly shutdownSeconds: number;
  readonly backend: BackendSettings;
  readonly reporting: ReportingSettings;
  readonly journal: JournalSettings;
  readonly server: ServerSettings;
  readonly upstream: UpstreamSettings;
  readonly logLevel: LogLevel;
  /** `off`, `stdout` or the path of a file. */
  readonly accessLog: string;
}

export interface BackendSettings {
  /** Without a slash at the end. */
  readonly url: string;
  /** Longest wait for an answer. */
  readonly timeoutMs: number;
  /** For services that say nothing else. */
  readonly down: BackendDown;
  readonly staleSeconds: number;
}

export interface ReportingSettings {
  /** Null: leased if the backend can, else batched. */
  readonly mode: ReportingMode | null;
  readonly threads: number;
  /** Time between two batches. */
  readonly batchSeconds: number;
  /** How long a decision of the backend holds; 0: ask every time. */
  readonly authsTtlSeconds: number;
}

export interface JournalSettings {
  readonly folder: string;
  readonly maxBytes: number;
  readonly full: (typeof JOURNAL_FULL)[number];
  /** 0: never. */
  readonly fsyncMs: number;
}

/** Bounds of the side that clients see. */
export interface ServerSettings {
  readonly headTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly maxConnections: number;
  readonly maxRequestsPerConnection: number;
  /** Bytes per second; 0: none. */
  readonly minBodyRate: number;
  /** Addresses or CIDRs whose X-Forwarded-* is believed. */
  readonly trustedProxies: readonly string[];
}

/** What every upstream is given. */
export interface UpstreamSettings {
  readonly connectTimeoutMs: number;
  readonly timeoutMs: number;
  /** Requests under way on one connection, at most, for services that say nothing else; 1: no pipelining. */
  readonly pipelining: number;
}

/** The one service of a gateway without a configuration file. */
export interface EnvironmentService {
  readonly id: string;
  readonly token: string;
  readonly upstreamUrl: string;
}
