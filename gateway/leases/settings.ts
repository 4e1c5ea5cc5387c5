/** Times in milliseconds. The protocol's rules are named after `protocol.md`: R5, R6, … */
export interface LeaseSettings {
  /** Lease time and interval of heartbeats (R6). */
  readonly leaseTime: number;
  /** A lease is not spent when what confirmed it was sent longer ago than this (R15): AUTHS_TTL. */
  readonly confirmedFor: number;
  /** No call to the backend is waited for longer: BACKEND_TIMEOUT_MS. */
  readonly backendTimeout: number;
  /** Shortest wait before a message is repeated (R5). */
  readonly repeatAfter: number;
  /** What the store acknowledged is kept this long, in case it forgets (R14). */
  readonly horizon: number;
  /** A lease unused for this long is closed (R6). */
  readonly idleTime: number;
  /** The next window is asked for at most this long before it begins (R16). */
  readonly nextWindowAhead: number;
  /** Applications × metrics held at once; beyond, a new one is answered as an outage. */
  readonly maxSlots: number;
}

export const DEFAULT_LEASE_SETTINGS: LeaseSettings = {
  leaseTime: 1_000,
  confirmedFor: 10_000,
  backendTimeout: 500,
  repeatAfter: 60,
  horizon: 60_000,
  idleTime: 60_000,
  nextWindowAhead: 5_000,
  maxSlots: 200_000,
};
