/** What one request to /v1 may hold. A longer list is a 400, a larger body a 413; nothing is cut silently. */
export const WIRE_BOUNDS = {
  /** Bytes of any body but a batch's. */
  bodyBytes: 1024 * 1024,
  /** Bytes of a batch: the fold of a journal segment of 1 MiB, as JSON, with room. */
  batchBytes: 16 * 1024 * 1024,
  /** Services whose token one request proves. */
  services: 256,
  /** Messages of POST /v1/authorize and POST /v1/leases. */
  messages: 500,
  /** Metrics that one authorize message asks about. */
  metrics: 256,
  /** Entries, codes and owners of a batch. */
  entries: 65_536,
  /** Applications named in one heartbeat's answer; beyond that it says `all`. */
  changed: 1_000,
  /** Characters of a service, application or metric id, and of a credential. */
  id: 1_024,
} as const;
